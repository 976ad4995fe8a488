"""A submit by Thrift refuses, in one line and before anybody is asked, all that Nimbus takes or answers without words.

What Nimbus does with each of these was tried on real clusters of four lines: it accepts them, closes the connection,
or says "Internal error".
"""

from __future__ import annotations

import pytest

from tests.support.nimbus_server import STORM, NimbusServer, serving
from tests.support.submit_project import SubmitProject, sparse_lines

CLOJURE = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{{"word-spout" (python-spout-spec options "spouts.WordSpout" ["word"])}}
   {{"{id}" (python-bolt-spec options {inputs} "bolts.CountBolt" {outputs}{rest})}}])
"""


def clojure(
    id: str = "count-bolt",
    inputs: str = '{"word-spout" ["word"]}',
    outputs: str = '["count"]',
    rest: str = "",
) -> str:
    return CLOJURE.format(id=id, inputs=inputs, outputs=outputs, rest=rest)


NONE = "(ns words)\n(defn words [options]\n  [{} {}])\n"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (NONE, "the topology has no spout, so nothing ever happens in it"),
        (clojure(inputs="{}"), "a bolt without inputs, which no tuple ever reaches"),
        (clojure(rest=" :p 0"), ":p is 0"),
        (
            clojure(outputs='["a" "a"]'),
            'stream "default" declares the field "a" twice',
        ),
        (
            clojure(rest=' :conf {"x" (fn [] 1)}'),
            "fn is not defined",
        ),
        (
            clojure(rest=' :conf {"topology.tasks" "two"}'),
            ':conf "topology.tasks" is "two"',
        ),
        (
            clojure(inputs='{"word-sprout" :shuffle}'),
            'subscribes to "word-sprout", and there is no such component',
        ),
        (
            clojure(inputs='{["word-spout" "x"] :shuffle}'),
            'subscribes to stream "x" of "word-spout", which has no such stream',
        ),
        (
            clojure(inputs='{"word-spout" ["wrd"]}'),
            'groups on "wrd", which stream "default" of "word-spout" does not have',
        ),
        (clojure(id="__b"), "ids with __ in front are Storm's own"),
        (
            clojure(outputs='{"__s" ["a"]}'),
            'stream "__s": names with __ in front are Storm\'s own',
        ),
    ],
)
def test_a_clojure_file(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], text: str, error: str
) -> None:
    submit_project.write("topologies/words.clj", text)
    check_refused(submit_project, capsys, "topologies/words.clj:", error)


CLASSES = """
from bolts import CountBolt
from spouts import WordSpout
from streamparse import Grouping, JavaBolt, Topology


class Words(Topology):
    config = {config}
    words = WordSpout.spec(outputs=["word"])
    {bolt}
"""


def classes(bolt: str = "", config: str = "{}") -> str:
    return CLASSES.format(bolt=bolt, config=config)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            classes().replace('    words = WordSpout.spec(outputs=["word"])\n', ""),
            "no topology in it; expected a class that derives from Topology, with word_spout = WordSpout.spec()",
        ),
        (classes("c = CountBolt.spec(inputs=[])"), "a bolt without inputs, which no tuple ever reaches"),
        (classes("c = CountBolt.spec(inputs=[words], par=0)"), "par is 0; expected a whole number"),
        (
            classes('c = CountBolt.spec(inputs=[words], outputs=["a", "a"])'),
            "twice",
        ),
        (
            classes('c = CountBolt.spec(inputs=[words], config={"x": float("nan")})'),
            "config: the value of 'x' is not JSON: Out of range float values are not JSON compliant",
        ),
        (
            classes(config='{"x": {1}}'),
            "config: the value of 'x' is not JSON: set is not JSON serializable",
        ),
        (
            classes("c = CountBolt.spec(inputs={words: Grouping.fields()})"),
            "Grouping.fields() without a field; expected the name of one at least",
        ),
        (
            classes("c = CountBolt.spec(inputs={words: None})"),
            "the grouping of an input is None; expected Grouping.SHUFFLE",
        ),
        (
            classes('c = CountBolt.spec(inputs={words: Grouping.custom_object("a.PartialKeyGrouping", [["word"]])})'),
            "an argument of a Java class is a list; expected booleans, numbers, texts and bytes",
        ),
    ],
)  # fmt: skip
def test_a_topology_in_python(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], text: str, error: str
) -> None:
    (submit_project.directory / "topologies/words.clj").unlink()
    submit_project.write("topologies/words.py", text)
    check_refused(submit_project, capsys, "topologies/words.py:", error)


def check_refused(
    project: SubmitProject, capsys: pytest.CaptureFixture[str], place: str, error: str
) -> None:
    status, lines = sparse_lines(capsys, "submit", "--thrift")
    (line,) = lines
    assert (status, line.startswith(f"error: {place}"), error in line, project.was_asked()) == (
        2,
        True,
        True,
        False,
    ), line


@pytest.mark.parametrize("name", ["a/b", "a:b", "a\\b"])
def test_a_name_that_storm_does_not_take(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    status, (line,) = sparse_lines(capsys, "submit", "--thrift", "-N", name)
    rule = "is no name for a topology; expected letters, digits, . _ and -"
    assert (status, rule in line, submit_project.was_asked()) == (2, True, False)


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ("topology.workers=two", 'option "topology.workers" is "two"'),
        ("topology.message.timeout.secs=-1", 'option "topology.message.timeout.secs" is -1'),
    ],
)
def test_a_setting_of_the_wrong_type(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], option: str, error: str
) -> None:
    status, (line,) = sparse_lines(capsys, "submit", "--thrift", "-o", option)
    assert (status, error in line, submit_project.was_asked()) == (2, True, False), line


def test_a_class_without_settings_is_sent_with_an_object_of_them(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """Storm 0.9 and 0.10 take the word null, and run nothing."""
    (submit_project.directory / "topologies/words.clj").unlink()
    bolt = "c = CountBolt.spec(inputs=[words])"
    submit_project.write("topologies/words.py", classes(bolt, config="None"))
    cluster = NimbusServer()
    with serving(cluster) as port:
        submit_project.config(nimbus=f"127.0.0.1:{port}", use_virtualenv=False)
        status, _ = sparse_lines(capsys, "submit")
    (found,) = cluster.submitted
    assert (status, found.conf["topology.workers"]) == (0, 1)


def test_an_error_without_words_is_told_with_the_place_that_has_them(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nimbus says "Internal error" where no exception of its interface fits."""

    with serving(NimbusServer(), without("submitTopology")) as port:
        submit_project.config(nimbus=f"127.0.0.1:{port}", use_virtualenv=False)
        status, lines = sparse_lines(capsys, "submit", "--thrift")
    assert (status, lines[-2:]) == (
        1,
        [
            "no topology was touched; `sparse submit -n words -e prod --thrift` begins again",
            f"error: nimbus 127.0.0.1:{port} could not submit words: Unknown method; its log tells why (where there "
            "are several, `nimbus` should name the leader)",
        ],
    )


def without(request: str) -> type:
    """Nimbus' interface without a request, which is answered by an error of Thrift's own then."""
    names = [each for each in STORM.Nimbus.thrift_services if each != request]
    parts = {
        f"{name}_{part}": getattr(STORM.Nimbus, f"{name}_{part}")
        for name in names
        for part in ("args", "result")
    }
    return type("Interface", (), {"thrift_services": names, **parts})

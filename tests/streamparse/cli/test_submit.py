"""What ``sparse submit`` refuses before it asks anybody anything."""

from __future__ import annotations

import json
import os
import sys

import pytest

from streamparse import __version__
from tests.support.nimbus_server import NimbusServer, serving
from tests.support.submit_project import TOPOLOGY, SubmitProject, sparse_lines


@pytest.mark.parametrize("name", ["two words", "-words", "..words", "wörter", "a;b"])
def test_a_name_that_is_none_for_storm_or_a_shell_is_refused(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    submit_project.write(f"topologies/{name}.clj", TOPOLOGY)
    rule = "expected letters, digits, . _ and -, with a letter, a digit or _ in front"
    shown = json.dumps(name, ensure_ascii=False)
    assert (sparse_lines(capsys, "submit", f"--name={name}"), submit_project.was_asked()) == (
        (2, [f"error: {shown} is no name for a topology; {rule}"]),
        False,
    )


def test_a_name_with_a_slash_names_no_topology(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (sparse_lines(capsys, "submit", "-n", "../words"), submit_project.was_asked()) == (
        (2, ['error: topologies: no topology "../words"; did you mean "words"?']),
        False,
    )


NO_NIMBUS = 'envs.prod.nimbus is missing or empty; expected a host, or host:port, such as "storm1.example.com"'

NO_WORKERS = (
    "envs.prod.workers is missing or empty; "
    'expected a list of hosts, such as ["storm1.example.com", "storm2.example.com"]'
)

NO_ROOT = 'envs.prod.virtualenv_root is missing or empty; expected an absolute path, such as "/data/virtualenvs"'


@pytest.mark.parametrize(
    ("settings", "errors"),
    [
        ({"nimbus": None}, [NO_NIMBUS]),
        ({"workers": []}, [NO_WORKERS]),
        ({"virtualenv_root": None}, [NO_ROOT]),
        (
            {"nimbus": None, "workers": None, "virtualenv_root": None},
            [NO_NIMBUS, NO_WORKERS, NO_ROOT],
        ),
        (
            {"virtualenv_root": "venvs"},
            [
                'envs.prod.virtualenv_root is "venvs"; expected an absolute path, such as "/data/virtualenvs"'
            ],
        ),
        (
            {"workers": ["a", "b/c"]},
            ["envs.prod.workers has 'b/c'; expected host, host:port or user@host"],
        ),
    ],
)
def test_an_environment_that_lacks_something_is_refused(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, object],
    errors: list[str],
) -> None:
    submit_project.config(**settings)
    expected = [f"error: config.json: {error}" for error in errors]
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == ((2, expected), False)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        (
            "virtualenvs/words.txt",
            None,
            "virtualenvs/words.txt: there is none; expected a file with a line for each package that "
            "the components import; it may be empty",
        ),
        (
            "virtualenvs/words.txt",
            "simplejson\nstreamparse==2.1.3\n",
            f"virtualenvs/words.txt:2: streamparse==2.1.3, but this sparse is {__version__}, and takes itself to the "
            f"workers; expected streamparse=={__version__}, or no line for it",
        ),
        (
            "topologies/words.clj",
            "(ns words)\n(defn words [options]\n  [{\n",
            "topologies/words.clj:3:4: this { is never closed (Storm: EOF while reading); expected }",
        ),
        (
            "src/spouts.py",
            "class WordSprout:\n    pass\n",
            'topologies/words.clj:3:45: component "word-spout": module spouts has no class WordSpout; '
            'did you mean "spouts.WordSprout"?',
        ),
        (
            "project.clj",
            '(defproject words "1")\n',
            "project.clj: no Storm in it; expected under :provided [org.apache.storm/storm-client VERSION] and "
            "[org.apache.storm/storm-server VERSION] for 2.x, [org.apache.storm/storm-core VERSION] before",
        ),
        (
            "project.clj",
            None,
            "no project.clj; Leiningen needs one, and `sparse quickstart` shows how it looks; submit and jar do "
            "without Leiningen with --thrift",
        ),
    ],
)
def test_a_file_that_is_missing_or_wrong_is_refused(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str | None,
    error: str,
) -> None:
    (submit_project.directory / name).unlink()
    if text is not None:
        submit_project.write(name, text)
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == (
        (2, [f"error: {error}"]),
        False,
    )


def test_a_simple_jar_for_storm_2_and_a_file_that_cannot_be_shipped_are_refused_at_once(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    simple = (
        "error: --simple_jar: the workers of Storm 2.8.3 have neither Clojure nor storm-clojure, which project.clj "
        "names; expected a whole jar, without --simple_jar, or a project.clj without storm-clojure (--unchecked if you "
        "have put both on the workers)"
    )
    assert sparse_lines(capsys, "submit", "-s") == (2, [simple])
    (submit_project.directory / "src" / "gone.py").symlink_to("nowhere.py")
    gone = "error: src/gone.py: a link to nowhere.py, which is not there; remove the link, or put the file there"
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == ((2, [gone]), False)


def test_what_hooks_leave_is_looked_at_as_the_file_is(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.write(
        "tasks.py", 'def pre_submit(name, env_name, config):\n    config["workers"] = []\n'
    )
    expected = [f"error: as the hooks leave it, config.json: {NO_WORKERS}"]
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == ((2, expected), False)


@pytest.mark.parametrize(
    ("tools", "error"),
    [
        (
            [],
            "no lein on PATH; https://leiningen.org says how to install it (sparse simulate needs neither it nor Java)",
        ),
        (["lein"], "no Java: JAVA_HOME or PATH names none; install a JDK, 17 or newer for Storm 2.8"),
    ],
)  # fmt: skip
def test_missing_tools_are_said_before_a_hook_is_called(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], tools: list[str], error: str
) -> None:
    submit_project.write("tasks.py", "def pre_submit(*names):\n    raise RuntimeError('called')\n")
    for name in {"lein", "java"} - {*tools}:
        (submit_project.tools / name).unlink()
    untouched = "no topology was touched; `sparse submit -n words -e prod` begins again"
    assert (sparse_lines(capsys, "submit"), submit_project.was_asked()) == (
        (1, [untouched, f"error: {error}"]),
        False,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="Leiningen asks root alone")
@pytest.mark.parametrize("command", ["submit", "run", "jar"])
def test_root_is_told_of_leiningens_question(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    monkeypatch.delenv("LEIN_ROOT")
    assert (sparse_lines(capsys, command), submit_project.was_asked()) == (
        (
            2,
            [
                "error: you are root, and Leiningen asks root for a confirmation; "
                "set LEIN_ROOT=1 in the environment to give it"
            ],
        ),
        False,
    )


def test_a_dry_run_shows_the_settings_and_what_of_them_wins(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.config(options={"topology.workers": 5, "topology.acker.executors": 5, "a.b": 1})
    words = ("submit", "--dry-run", "-a", "3", "-o", "a.b=c=d", "-o", "n=2")
    status, lines = sparse_lines(capsys, *words)
    shown = [line.strip() for line in lines[lines.index(SETTINGS) + 1 :]]
    settings = dict(line.split("=", 1) for line in shown if "=" in line)
    names = ("topology.workers", "topology.acker.executors", "a.b", "n")
    assert (status, [settings[name] for name in names]) == (0, ["5", "3", '"c=d"', "2"])
    assert submit_project.was_asked() is False


SETTINGS = "the settings that it is submitted with:"


@pytest.mark.parametrize("command", ["run", "submit"])
def test_an_option_that_loses_to_a_conf_is_warned_of(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    path = submit_project.directory / "topologies/words.clj"
    path.write_text(path.read_text().replace('"count"])', '"count"] :conf {"mine" 1})'))
    _, lines = sparse_lines(capsys, command, "-o", "mine=2", "-o", "streamparse.log.level=info")
    assert [line for line in lines if "which wins over" in line] == [
        line for line in lines if line.startswith("warning: ")
    ]
    assert len([line for line in lines if "which wins over" in line]) == 1


def test_a_setting_of_the_logs_that_components_cannot_use_is_refused(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sparse_lines(capsys, "submit", "-o", "streamparse.log.max_bytes=1MB") == (
        2,
        ['error: streamparse.log.max_bytes is "1MB"; expected a whole number, such as 10'],
    )


# -- by Thrift ---------------------------------------------------------------------------------------------------

JAVA = """(ns words (:use [streamparse.specs] [org.apache.storm.clojure]) (:import [my Spout]))
(defn words [options]
  [{"word-spout" (spout-spec (Spout.))}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "bolts.CountBolt" ["word" "count"])}])
"""


@pytest.mark.parametrize("words", [("--thrift",), ("--thrift", "--dry-run")])
def test_a_topology_with_a_part_for_the_jvm_says_why_it_needs_leiningen(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    submit_project.write("topologies/words.clj", JAVA)
    expected = (
        'error: topologies/words.clj:3:5: component "word-spout": Spout runs in the JVM, and is no process; '
        "this topology needs Leiningen, which has Storm's Java write it down"
    )
    assert (sparse_lines(capsys, "submit", *words), submit_project.was_asked()) == (
        (2, [expected]),
        False,
    )


def test_flags_of_leiningen_are_refused_by_thrift_however_it_is_chosen(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    simple = (
        "error: --simple_jar is of Leiningen; by Thrift every jar has the files of src/ alone; "
        "leave it out, or say --lein"
    )
    unchecked = (
        "error: --unchecked leaves the topology to Storm's Clojure, which is not there by Thrift; "
        "leave it out, or say --lein"
    )
    assert sparse_lines(capsys, "submit", "--thrift", "-s") == (2, [simple])
    submit_project.config(submit="thrift")
    assert sparse_lines(capsys, "submit", "--unchecked") == (2, [unchecked])
    assert not submit_project.was_asked()


def test_a_flag_wins_over_the_way_that_config_json_names(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_with_leiningen(*words: str) -> bool:
        status, lines = sparse_lines(capsys, "submit", "--dry-run", *words)
        assert status == 0
        return "     lein do clean, uberjar" in lines

    ways = [is_with_leiningen(), is_with_leiningen("--thrift")]
    submit_project.config(submit="thrift")
    ways += [is_with_leiningen(), is_with_leiningen("--lein")]
    submit_project.config(submit="lein")
    assert [*ways, is_with_leiningen()] == [True, False, False, True, True]
    refused = "error: argument --lein: not allowed with argument --thrift; see sparse submit -h"
    assert sparse_lines(capsys, "submit", "--thrift", "--lein") == (2, [refused])
    submit_project.config(submit="maven")
    expected = 'error: config.json: envs.prod.submit is "maven"; expected "lein" or "thrift"'
    assert sparse_lines(capsys, "submit") == (2, [expected])


def test_without_thriftpy2_the_one_line_says_what_to_install(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    expected = "error: --thrift needs thriftpy2, which is not installed: pip install thriftpy2"
    assert (sparse_lines(capsys, "submit", "--thrift"), submit_project.was_asked()) == (
        (2, [expected]),
        False,
    )


def test_by_thrift_the_storm_of_project_clj_may_be_one_that_nobody_knows(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    oldest = '(defproject w "1" :dependencies [[storm/storm "0.8.1"]])\n'
    submit_project.write("project.clj", oldest)
    assert sparse_lines(capsys, "submit", "--thrift", "--dry-run")[0] == 0
    assert sparse_lines(capsys, "submit", "--dry-run")[0] == 2


CLASSES = """
from streamparse import Grouping, Topology

from bolts import CountBolt
from spouts import WordSpout


class Words(Topology):
    config = {"my.key": 3, "topology.workers": 7}

    word_spout = WordSpout.spec()
    count_bolt = CountBolt.spec(inputs={word_spout: Grouping.fields("word")})
"""


@pytest.fixture
def class_project(submit_project: SubmitProject) -> SubmitProject:
    """The project with its topology in Python."""
    (submit_project.directory / "topologies" / "words.clj").unlink()
    (submit_project.directory / "project.clj").unlink()
    submit_project.write("topologies/words.py", CLASSES)
    spout = "from streamparse import Spout\n\n\nclass WordSpout(Spout):\n    outputs = ['word']\n"
    submit_project.write("src/spouts.py", spout)
    return submit_project


def test_a_topology_in_python_goes_by_thrift_with_its_own_settings(
    class_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = NimbusServer()
    with serving(cluster) as port:
        class_project.config(nimbus=f"127.0.0.1:{port}", use_virtualenv=False)
        status, lines = sparse_lines(capsys, "submit", "-w", "2")
    (found,) = cluster.submitted
    assert (status, lines[-1], found.name, [*found.topology.bolts]) == (
        0,
        "words is submitted; `sparse list -e prod` shows it",
        "words",
        ["count_bolt"],
    )
    assert (found.conf["my.key"], found.conf["topology.workers"]) == (3, 2)
    assert not class_project.was_asked()


def test_a_topology_in_python_is_none_for_leiningen(
    class_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (sparse_lines(capsys, "submit", "--lein"), class_project.was_asked()) == (
        (
            2,
            [
                "error: --lein: topologies/words.py is a topology in Python, which Leiningen cannot read; leave --lein "
                "out, or write words.clj with `sparse convert`"
            ],
        ),
        False,
    )


# -- flags of streamparse 3 to 5 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ("--override_name", "copy"),
            "--override_name is of a submit by Thrift; say --thrift, or leave it out",
        ),
        (("-i",), "--inactive is of a submit by Thrift; say --thrift, or leave it out"),
        (
            ("-r", "a.txt", "-r", "b.txt"),
            "--requirements is there twice; expected one file, which may include others with -r FILE",
        ),
        (
            ("--thrift", "-N", "a/b"),
            '"a/b" is no name for a topology; expected letters, digits, . _ and -, with a letter, a digit or _ in '
            "front",
        ),
        (
            ("-r", "none.txt"),
            "none.txt: there is none; expected a file with a line for each package that the components import; it may "
            "be empty",
        ),
    ],
)
def test_a_flag_that_cannot_be_followed_is_refused_before_anybody_is_asked(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    error: str,
) -> None:
    assert (sparse_lines(capsys, "submit", *words), submit_project.was_asked()) == (
        (2, [f"error: {error}"]),
        False,
    )


def test_a_topology_can_have_another_name_on_the_cluster_and_wait_for_its_activation(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = NimbusServer("words")
    with serving(cluster) as port:
        submit_project.config(nimbus=f"127.0.0.1:{port}", use_virtualenv=False, submit="thrift")
        status, lines = sparse_lines(capsys, "submit", "-N", "words-eu", "--inactive")
        again = sparse_lines(capsys, "submit", "-N", "words-eu")[1]
    (found,) = cluster.submitted
    assert (status, lines[-1], found.name, found.inactive, again) == (
        0,
        "words-eu is submitted; `sparse list -e prod` shows it",
        "words-eu",
        True,
        [
            "no topology was touched; `sparse submit -n words -e prod -N words-eu` begins again",
            "error: topology words-eu is running already; `sparse submit -f` kills it first",
        ],
    )


def test_another_file_of_requirements_and_another_name_are_those_of_the_virtualenv(
    submit_project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_project.write("more.txt", "streamparse\n")
    words = ("submit", "--thrift", "--dry-run", "-N", "words-eu", "-r", "more.txt")
    status, lines = sparse_lines(capsys, *words)
    assert (status, [line.strip() for line in lines if "more.txt" in line]) == (
        0,
        [
            f"copy more.txt and streamparse-{__version__}-py3-none-any.whl over ssh to "
            "/data/virtualenvs/.streamparse-words-eu/files"
        ],
    )

"""A topology as a StormTopology; tests/parity/test_submitted.py compares whole ones with those of Storm's Clojure."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from thriftpy2.protocol.binary import TBinaryProtocolFactory
from thriftpy2.utils import deserialize, serialize

from simulator.clj import parse_topology
from simulator.model import NEWEST, Component, Stream, Topology, profile
from streamparse.cluster import find_submit_problems, to_storm_topology
from streamparse.cluster.storm_thrift import interface
from streamparse.cluster.storm_topology import two_words
from streamparse.topologies import read_topology
from tests.support.class_topologies import class_text, project_of

STORM = profile(NEWEST)


def read(components: str) -> Topology:
    uses = "(:use [streamparse.specs] [org.apache.storm.clojure])"
    imports = "(:import [my Spout Grouping] [org.apache.storm.grouping PartialKeyGrouping])"
    return parse_topology(f"(ns words {uses} {imports})\n(defn words [options] {components})\n")


def problems(topology: Topology) -> list[str]:
    return [str(each) for each in find_submit_problems(topology, {}, STORM)]


#: What streamparse 5.0.1 sends for the project of its own quickstart, with the command that it has before a submit.
QUICKSTART_5 = (
    "DQABCwwAAAABAAAACndvcmRfc3BvdXQMAAEMAAILAAEAAAAPc3RyZWFtcGFyc2VfcnVuCwACAAAAFnNwb3V0cy53b3Jkcy5Xb3JkU3BvdXQA"
    "AAwAAg0AAQwMAAAAAA0AAgsMAAAAAQAAAAdkZWZhdWx0DwABCwAAAAEAAAAEd29yZAIAAgAACAADAAAAAQsABAAAAAJ7fQAADQACCwwAAAAB"
    "AAAACmNvdW50X2JvbHQMAAEMAAILAAEAAAAPc3RyZWFtcGFyc2VfcnVuCwACAAAAHWJvbHRzLndvcmRjb3VudC5Xb3JkQ291bnRCb2x0AAAM"
    "AAINAAEMDAAAAAELAAEAAAAKd29yZF9zcG91dAsAAgAAAAdkZWZhdWx0AA8AAQsAAAABAAAABHdvcmQADQACCwwAAAABAAAAB2RlZmF1bHQP"
    "AAELAAAAAgAAAAR3b3JkAAAABWNvdW50AgACAAAIAAMAAAACCwAEAAAAAnt9AAANAAMLDAAAAAAA"
)


def test_the_quickstart_of_streamparse_5_is_sent_with_the_same_bytes_but_for_the_command(
    tmp_path: Path,
) -> None:
    text = """
from bolts.wordcount import WordCountBolt
from spouts.words import WordSpout
from streamparse import Grouping, Topology


class WordCount(Topology):
    word_spout = WordSpout.spec()
    count_bolt = WordCountBolt.spec(inputs={word_spout: Grouping.fields("word")}, par=2)
"""
    project = project_of(tmp_path, {"wordcount.py": text})
    for file, kind, cls, outputs in (
        ("spouts/words.py", "Spout", "WordSpout", ["word"]),
        ("bolts/wordcount.py", "Bolt", "WordCountBolt", ["word", "count"]),
    ):
        component = (
            f"from streamparse import {kind}\n\n\nclass {cls}({kind}):\n    outputs = {outputs}\n"
        )
        (tmp_path / "src" / file).parent.mkdir()
        (tmp_path / "src" / file).write_text(component, encoding="utf-8")
    topology = read_topology(tmp_path / "topologies/wordcount.py", {}, project=project)
    assert problems(topology) == []
    # Theirs starts a program of the worker's virtualenv, ours the virtualenv's Python.
    components = {
        name: replace(each, command=("streamparse_run", each.python_class or ""), python_class=None)
        for name, each in topology.components.items()
    }
    binary = TBinaryProtocolFactory()  # type: ignore[no-untyped-call]  # thriftpy2 0.7
    made = to_storm_topology(replace(topology, components=components), {}, STORM)
    assert base64.b64encode(serialize(made, binary)).decode() == QUICKSTART_5


# -- commands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("python", ["python", "/ve/bin/python"])
def test_a_python_class_is_run_by_its_own_interpreter(python: str) -> None:
    command = (python, "-m", "streamparse.run", "bolts.Count")
    assert two_words(command, "python3") == (
        python,
        "-cimport streamparse.run as r; r.run_component('bolts.Count')",
    )


def test_a_command_of_two_words_is_sent_as_it_stands() -> None:
    assert two_words(("bash", "split me.sh"), "python3") == ("bash", "split me.sh")


@pytest.mark.parametrize(
    "arguments", [(), ("a b", "'\"\\", "{x}"), ("w\u00f6rter", "\U0001f600", "")]
)
def test_a_command_of_any_number_of_words_starts_the_program_with_these(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint(ascii(sys.argv[1:]))\n")
    program.chmod(0o755)
    command = (str(program), *arguments) if len(arguments) != 1 else (str(program),)
    done = subprocess.run(
        two_words(command, sys.executable), capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{[*arguments]!a}\n"


def test_a_program_does_not_ignore_what_python_ignores_and_is_found_beside_modules_of_its_names(
    tmp_path: Path,
) -> None:
    for name in ("os", "signal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')\n")
    command = ("sh", "-c", "grep SigIgn /proc/$$/status")
    done = subprocess.run(
        two_words(command, sys.executable), capture_output=True, text=True, check=True, cwd=tmp_path
    )
    ignored = int(done.stdout.split()[1], 16)
    numbers = (signal.SIGPIPE, signal.SIGXFSZ)
    assert [each for each in numbers if ignored >> (each - 1) & 1] == []


def test_the_python_of_the_settings_starts_programs() -> None:
    topology = read("""[{"s" (shell-spout-spec ["words"] ["word"])}
                        {"b" (shell-bolt-spec {"s" :all} ["node" "b.js" "-x"] [])}]""")
    made = [
        to_storm_topology(topology, conf, STORM).bolts["b"].bolt_object.shell.execution_command
        for conf in ({}, {"topology.python.path": "/ve/bin/python"})
    ]
    assert made == ["python3", "/ve/bin/python"]


# -- what is refused ---------------------------------------------------------------------------------------------

WITH_LEIN = "this topology needs Leiningen, which has Storm's Java write it down"


def test_parts_that_are_java_objects_are_refused_with_their_places() -> None:
    topology = read("""[
      {"s" (spout-spec (Spout.))}
      {"b" (shell-bolt-spec {"s" (PartialKeyGrouping. ["word"])} ["sh" "b.sh"] ["word"])
       "c" (shell-bolt-spec {"b" (Grouping.)} ["sh" "c.sh"] [])}]""")
    assert problems(topology) == [
        f'<string>:3:8: component "s": Spout runs in the JVM, and is no process; {WITH_LEIN}',
        '<string>:4:34: component "b": the grouping of "s" is a Java object, partial-key ["word"]; '
        f"{WITH_LEIN}",
        f'<string>:5:34: component "c": the grouping of "b" is a Java object, Grouping; {WITH_LEIN}',
    ]


def made(**changes: object) -> Topology:
    spout = Component("s", "spout", command=("sh", "s.sh"), outputs={"default": Stream(("word",))})
    return Topology("words", {"s": replace(spout, **changes)})  # type: ignore[arg-type]  # any part


@pytest.mark.parametrize(
    ("topology", "expected"),
    [
        (
            Topology("words", {}),
            "the topology has no spout, so nothing ever happens in it "
            "(Storm: accepts it without a message); expected at least one",
        ),
        (
            made(parallelism=2**31),
            'component "s": its parallelism is 2147483648; expected a number from 1 to 2147483647',
        ),
        (
            made(parallelism=0),
            'component "s": :p is 0 (Storm: Parallelism must be positive); expected at least 1',
        ),
        (
            made(outputs={"default": Stream(("a", "a"))}),
            'component "s": stream "default" declares the field "a" twice (Storm: duplicate field \'a\'); '
            "give each field its own name",
        ),
        (
            made(outputs={"default": Stream(("\ud83d",))}),
            'component "s": half a character in "\\ud83d"; expected text that UTF-8 can write',
        ),
        (
            made(command=("sh", "\udc80.sh")),
            'component "s": half a character in "\\udc80.sh"; expected text that UTF-8 can write',
        ),
        (
            made(conf={"x": float("nan")}),
            'component "s": :conf "x": nan is not JSON (Storm: sends it as text that is not JSON); '
            "expected numbers, strings, true, false, nil, vectors and maps",
        ),
    ],
)
def test_what_nimbus_would_take_is_refused(topology: Topology, expected: str) -> None:
    assert problems(topology) == [expected]


def test_a_bolt_without_inputs_and_a_topology_setting_that_is_no_json_are_refused() -> None:
    bolt = Component("b", "bolt", command=("sh", "b.sh"))
    topology = made()
    topology = replace(topology, components={**topology.components, "b": bolt})
    found = find_submit_problems(topology, {"x": {1, 2}}, STORM)
    assert [each.finding for each in found] == [
        'option "x": {1, 2} is not JSON',
        "a bolt without inputs, which no tuple ever reaches",
    ]


# -- topologies in Python ------------------------------------------------------------------------------------------

JAVA_5 = """
words = JavaSpout.spec(full_class_name="my.Spout", args_list=[True, 7, 1.5, "x", b"y"], outputs=["word"])
other = JavaSpout.spec(serialized_java=b"\\xac\\xed\\x00\\x05", outputs=["word"], par=2)
keyed = Grouping.custom_object("my.Grouping", [3])
c = Count.spec(inputs={words: keyed, other: Grouping.custom_serialized(b"\\xac\\xed")})
d = JavaBolt.spec(full_class_name="my.Bolt", args_list=[], outputs=[], inputs=[c])
"""
#: What streamparse 5.0.1 sends for it, with a bolt ``j.C`` whose outputs are ["word"].
JAVA_5_BYTES = (
    "DQABCwwAAAACAAAABXdvcmRzDAABDAADCwABAAAACG15LlNwb3V0DwACDAAAAAUCAAQBAAoAAgAAAAAAAAAHAAQABj/4AAAAAAAAAAsAAwAAAAF4"
    "AAsABQAAAAF5AAAADAACDQABDAwAAAAADQACCwwAAAABAAAAB2RlZmF1bHQPAAELAAAAAQAAAAR3b3JkAgACAAAIAAMAAAABCwAEAAAAAnt9AAAA"
    "AAAFb3RoZXIMAAELAAEAAAAErO0ABQAMAAINAAEMDAAAAAANAAILDAAAAAEAAAAHZGVmYXVsdA8AAQsAAAABAAAABHdvcmQCAAIAAAgAAwAAAAIL"
    "AAQAAAACe30AAA0AAgsMAAAAAgAAAAFjDAABDAACCwABAAAAD3N0cmVhbXBhcnNlX3J1bgsAAgAAAANqLkMAAAwAAg0AAQwMAAAAAgsAAQAAAAV3"
    "b3JkcwsAAgAAAAdkZWZhdWx0AAwABgsAAQAAAAtteS5Hcm91cGluZw8AAgwAAAABCgACAAAAAAAAAAMAAAALAAEAAAAFb3RoZXILAAIAAAAHZGVm"
    "YXVsdAALAAcAAAACrO0ADQACCwwAAAABAAAAB2RlZmF1bHQPAAELAAAAAQAAAAR3b3JkAgACAAAIAAMAAAABCwAEAAAAAnt9AAAAAAABZAwAAQwA"
    "AwsAAQAAAAdteS5Cb2x0DwACDAAAAAAAAAwAAg0AAQwMAAAAAQsAAQAAAAFjCwACAAAAB2RlZmF1bHQADAACAAANAAILDAAAAAAIAAMAAAABCwAE"
    "AAAAAnt9AAANAAMLDAAAAAAA"
)


def test_parts_in_java_of_a_python_class_are_what_streamparse_5_sends(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"j.py": class_text(JAVA_5)})
    components = (tmp_path / "src" / "components.py").read_text()
    one_field = components.replace('outputs = ["word", "count"]', 'outputs = ["word"]')
    (tmp_path / "src" / "components.py").write_text(one_field)
    topology = read_topology(tmp_path / "topologies" / "j.py", {}, project=project)
    assert problems(topology) == []
    ours = to_storm_topology(topology, {}, STORM)
    binary = TBinaryProtocolFactory()  # type: ignore[no-untyped-call]  # thriftpy2 0.7
    theirs = deserialize(interface().StormTopology(), base64.b64decode(JAVA_5_BYTES), binary)
    assert theirs.bolts.pop("c").common == ours.bolts.pop("c").common
    assert ours == theirs

"""A topology as a Python class. That it says the same is looked at in test_conversion.py."""

from __future__ import annotations

import pytest

from simulator.model import Component, Grouping, Stream, Topology
from streamparse.topologies.to_python import to_python
from streamparse.topologies.written import Unwritable

PYTHON = ("python", "-m", "streamparse.run")


def test_every_part_is_written() -> None:
    topology = Topology(
        "word-count",
        {
            "word-spout": Component(
                "word-spout",
                "spout",
                command=(*PYTHON, "a.Words"),
                python_class="a.Words",
                outputs={"default": Stream(("word",)), "late": Stream(("x",), direct=True)},
                conf={"a": [1, None, True, {"b": 'c"'}]},
            ),
            "class": Component(
                "class",
                "bolt",
                command=("node", "bolt.js"),
                inputs={("word_spout", "default"): Grouping("none")},
            ),
            "word_spout": Component(
                "word_spout",
                "bolt",
                command=(*PYTHON, "b.Words"),
                python_class="b.Words",
                inputs={
                    ("word-spout", "default"): Grouping("fields", ("word",)),
                    ("word-spout", "late"): Grouping("direct"),
                },
                parallelism=2,
            ),
            "java": Component(
                "java",
                "bolt",
                jvm_class="my.Bolt",
                java_arguments=(1, "x"),
                inputs={("word-spout", "default"): Grouping("custom", (), "my.Grouping", (True,))},
            ),
        },
        conf={"topology.workers": 2},
    )
    written = to_python(topology, package="org.apache.storm", python="python")
    assert written.lost == (
        "outputs of java: its Java class declares them; name them with outputs=[...]",
        "outputs= in spec() is read here; streamparse 3 to 5 takes outputs from the class of the component",
    )
    assert (
        written.text
        == """\
from streamparse import Grouping, JavaBolt, ShellBolt, Stream, Topology
from streamparse.thrift import GlobalStreamId

from a import Words
from b import Words as Words_2


class WordCount(Topology):
    config = {"topology.workers": 2}
    word_spout = Words.spec(
        name="word-spout",
        config={"a": [1, None, True, {"b": 'c"'}]},
        outputs=[Stream(["word"]), Stream(["x"], name="late", direct=True)],
    )
    c_class = ShellBolt.spec(
        name="class",
        command="node",
        script="bolt.js",
        inputs={
            GlobalStreamId(componentId="word_spout", streamId="default"): Grouping.NONE,
        },
    )
    word_spout_2 = Words_2.spec(
        name="word_spout",
        inputs={
            word_spout: Grouping.fields("word"),
            word_spout["late"]: Grouping.DIRECT,
        },
        par=2,
        outputs=[],
    )
    java = JavaBolt.spec(
        full_class_name="my.Bolt",
        args_list=[1, "x"],
        inputs={
            word_spout: Grouping.custom_object("my.Grouping", [True]),
        },
    )
"""
    )


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        (
            Component("c", "spout", command=("a", "b", "c")),
            "[a b c] has 3 words, and ShellBolt has two: a command, and one argument",
        ),
        (
            Component("c", "spout", jvm_class="a.B", java_arguments=None),
            "arguments of a Java class that are no booleans, numbers or texts",
        ),
        (
            Component(
                "c", "bolt", command=("a", "b"), inputs={("c", "default"): Grouping("partial-key", ("x",))}
            ),
            "a PartialKeyGrouping of fields: its argument is no basic value",
        ),
    ],
)  # fmt: skip
def test_what_has_no_words_in_python_is_refused(component: Component, reason: str) -> None:
    with pytest.raises(Unwritable) as caught:
        to_python(Topology("demo", {"c": component}), package="org.apache.storm", python="python")
    assert caught.value.reasons == (f'component "c": {reason}',)


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("wordcount", "Wordcount"),
        ("2-do", "Topology2Do"),
        ("topology", "TopologyTopology"),
        ("none", "TopologyNone"),
        ("-", "Main"),
    ],
)
def test_the_class_is_named_after_the_topology(name: str, cls: str) -> None:
    text = to_python(Topology(name, {}), package="org.apache.storm", python="python").text
    assert f"class {cls}(Topology):" in text


def test_an_id_that_is_the_name_of_a_class_does_not_hide_the_class() -> None:
    ids = ["WordCount", "word_count", "ShellBolt", "Grouping"]
    components = {
        each: Component(each, "bolt", command=(*PYTHON, "b.WordCount"), python_class="b.WordCount")
        for each in ids
    }
    components["node"] = Component("node", "bolt", command=("node", "bolt.js"))
    text = to_python(Topology("t", components), package="p", python="python").text
    assert [line.split("(")[0].strip() for line in text.splitlines() if " = " in line] == [
        "word_count = WordCount.spec",
        "word_count_2 = WordCount.spec",
        "shell_bolt = WordCount.spec",
        "grouping = WordCount.spec",
        "node = ShellBolt.spec",
    ]

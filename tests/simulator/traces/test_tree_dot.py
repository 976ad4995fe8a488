"""The trees of a message id for Graphviz."""

from __future__ import annotations

import subprocess

import pytest

from simulator.engine import events
from simulator.traces import TreeBuilder, trees_to_dot
from tests.support.recorded import CRASH, NAMES, rooted

HOSTILE = '"]; evil [label="\\ \n\x1b[31m'


def drawn(*happened: events.Event) -> str:
    builder = TreeBuilder(NAMES, lambda emit: emit.id_json == "0")
    for event in happened:
        builder.read(event)
    return trees_to_dot(builder.roots)


DOT = r"""digraph trees {
    graph [rankdir=TB];
    node [shape=box, style=filled, fontname="monospace"];
    edge [fontname="monospace"];
    n0 [label="words[5] emits [\"dog\"]\nid 0, attempt 1\nfailed by timeout at 120 s", fillcolor="#fbe0dd", style="filled,rounded"];
    n0 -> n1 [label="[\"dog\"]\nat 0 ms"];
    n1 [label="count[4]\nlost: its task died at 2 ms, and was started again", fillcolor="#fbe0dd"];
    n2 [label="words[5] emits [\"dog\"]\nid 0, attempt 2\nacked at 120.004 s", fillcolor="#e4f5e1", style="filled,rounded"];
    n2 -> n3 [label="[\"dog\"]\nat 120.001 s"];
    n3 [label="count[4]\nacked at 120.002 s", fillcolor="#e4f5e1"];
    n3 -> n4 [label="[\"dog\", 1]\nat 120.002 s"];
    n4 [label="store[6]\nacked at 120.003 s", fillcolor="#e4f5e1"];
}
"""  # noqa: E501


def test_each_attempt_is_a_tree_of_boxes() -> None:
    assert drawn(*CRASH) == DOT


def test_an_emit_without_subscribers_ends_in_a_point() -> None:
    lines = drawn(
        rooted(0, "dog", 0, (4, "1")), events.Emit(1, "count", 4, "out", "[1]", None, ("1",), ())
    )
    assert lines.splitlines()[-3:] == [
        '    n1_2 [shape=point, label=""];',
        r'    n1 -> n1_2 [label="[1]\non out\nat 1 ms"];',
        "}",
    ]


def test_hostile_values_stay_in_their_strings() -> None:
    text = drawn(rooted(0, HOSTILE, 0, (4, "1")))
    assert "\x1b" not in text
    assert text.count("\n") == len(DOT.splitlines()[:4]) + 4


@pytest.mark.needs_graphviz
@pytest.mark.parametrize("word", ["dog", HOSTILE])
def test_graphviz_reads_it(word: str) -> None:
    text = drawn(rooted(0, word, 0, (4, "1")))
    done = subprocess.run(
        ["dot", "-Tplain"], input=text, capture_output=True, text=True, check=True
    )
    assert (done.stderr, done.stdout.count("\nnode ")) == ("", 2)

"""A drawing in DOT has the words of the other drawings, quoted."""

from simulator import RUN_CONF
from simulator.drawing import to_dot
from simulator.model import Grouping
from tests.support.drawn import SHUFFLE, bolt, spout, topology


def test_dot_is_a_graph_with_the_same_words_and_quotes_where_they_belong() -> None:
    subject = topology(
        'q"t',
        spout('a"b\\', p=2, errors="x y"),
        bolt("c", {('a"b\\', "errors"): Grouping("fields", ("x",)), "c": SHUFFLE}, default="z"),
    )
    assert to_dot(subject, RUN_CONF, flip=True) == (
        'digraph "q\\"t" {\n'
        '    graph [rankdir=LR, label="q\\"t: 1 spout, 1 bolt, 3 tasks"];\n'
        '    node [shape=box, style=filled, fillcolor="#e3f0fc", fontname="monospace"];\n'
        '    edge [fontname="monospace"];\n'
        '    "a\\"b\\\\" [label="a\\"b\\\\\\nspout ×2   tasks 3-4", style="filled,rounded", '
        'fillcolor="#e4f5e1"];\n'
        '    "c" [label="c\\nbolt   task 5"];\n'
        '    "a\\"b\\\\" -> "c" [label="errors: x, y\\nfields x"];\n'
        '    "c" -> "c" [label="z\\nshuffle", style=dashed];\n'
        "}\n"
    )
    assert "rankdir=TB" in to_dot(subject, RUN_CONF)

"""A drawing in Mermaid has the words of the other drawings; what could end a label is written as a number."""

from simulator import RUN_CONF
from simulator.drawing import to_mermaid
from simulator.model import Grouping
from tests.support.drawn import SHUFFLE, bolt, spout, topology


def test_mermaid_is_a_flowchart_with_the_same_words() -> None:
    subject = topology(
        "words{%",
        spout("word-spout", p=2, errors="x y"),
        bolt(
            "c", {("word-spout", "errors"): Grouping("fields", ("x",)), "c": SHUFFLE}, default="z"
        ),
    )
    assert to_mermaid(subject, RUN_CONF, flip=True) == (
        "%% words(%: 1 spout, 1 bolt, 3 tasks\n"
        "flowchart LR\n"
        '    c0(["word-spout<br/>spout ×2   tasks 4-5"])\n'
        '    c1["c<br/>bolt   task 3"]\n'
        '    c0 -->|"errors: x, y<br/>fields x"| c1\n'
        '    c1 -.->|"z<br/>shuffle"| c1\n'
    )
    assert "flowchart TB\n" in to_mermaid(subject, RUN_CONF)


def test_hostile_names_stay_in_their_labels() -> None:
    name = 'a"]\nend;`<script>&#x27;{}|\\é'
    text = to_mermaid(topology("t", spout(name, default="x")), RUN_CONF)
    _, _, line = text.splitlines()
    assert line == (
        '    c0(["a#34;]#92;nend#59;#96;#60;script#62;#38;#35;x27#59;#123;#125;#124;#92;é'
        '<br/>spout   task 3"])'
    )

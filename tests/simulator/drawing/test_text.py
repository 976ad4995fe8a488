"""What a terminal shows: the wires are followed as a reader's eye follows them, and lead where the topology says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from simulator import RUN_CONF
from simulator.drawing import as_ascii, to_text
from simulator.model import Component, Grouping, Stream, Topology
from tests.support.drawn import DIAMOND, LOOP, SHUFFLE, bolt, spout, topologies, topology


def text(subject: Topology, width: int = 80) -> str:
    return to_text(subject, RUN_CONF, width)


def test_a_diamond_is_wires_that_part_and_meet() -> None:
    assert text(DIAMOND) == (
        "diamond: 1 spout, 3 bolts, 5 tasks\n"
        "\n"
        "     ○ sentences   spout     task 5\n"
        "  ┌─── sentence\n"
        "  │\n"
        "  │  ● split       bolt ×2   tasks 6-7\n"
        "  ├──▶ shuffle       from sentences\n"
        "┌─│─── word\n"
        "│ │\n"
        "│ │  ● length      bolt      task 4\n"
        "│ └──▶ shuffle       from sentences\n"
        "│ ┌─── n\n"
        "│ │\n"
        "│ │  ● join        bolt      task 3\n"
        "└─│──▶ fields word   from split\n"
        "  └──▶ global        from length\n"
        "       word, n\n"
    )


def test_loops_lead_back_up_and_are_named() -> None:
    assert text(LOOP) == (
        "crawler: 1 spout, 3 bolts, 4 tasks\n"
        "\n"
        "     ○ urls    spout   task 6\n"
        "  ┌─── url\n"
        "  │\n"
        "  │  ● fetch   bolt    task 3\n"
        "  └──▶ shuffle            from urls\n"
        "┌────▶ fields url         from parse, stream links\n"
        "│ ┌─── url\n"
        "│ │\n"
        "│ │  ● parse   bolt    task 5\n"
        "│ └──▶ shuffle            from fetch\n"
        "└───── links: url\n"
        "  ┌─── text\n"
        "  │\n"
        "  │  ● index   bolt    task 4\n"
        "  └──▶ local-or-shuffle   from parse\n"
        "  ┌──▶ shuffle            from index, stream retry\n"
        "  └─── retry: n\n"
        "\n"
        "loop: fetch -> parse -> fetch\n"
        "loop: index -> index\n"
    )


def test_all_kinds_of_streams_and_groupings_have_their_words() -> None:
    groupings: dict[str | tuple[str, str], Grouping] = {
        "a": Grouping("all"),
        "b": Grouping("none"),
        "c": Grouping("partial-key", ("k", "l")),
        "d": Grouping("custom", java_class="com.example.Mine"),
        "e": Grouping("direct"),
    }
    java = Component("j", "spout", jvm_class="com.example.Spout")
    sources = [spout(name, default="k l") for name in "abcd"]
    direct = Component("e", "spout", ("x",), outputs={"default": Stream((), direct=True)})
    subject = topology(
        "kinds", *sources, direct, java, bolt("z", {**groupings, ("j", "out"): SHUFFLE})
    )
    lines = [line.lstrip(" ┌└─│▶") for line in text(subject).splitlines()]
    assert [line for line in lines if "from" in line or "(" in line or "Java" in line] == [
        "no fields (direct)",
        "out: declared in Java",
        "all                from a",
        "none               from b",
        "partial-key k, l   from c",
        "custom Mine        from d",
        "direct             from e",
        "shuffle            from j, stream out",
    ]


def test_what_does_not_fit_goes_on_in_the_next_line_beside_the_wires() -> None:
    fields = " ".join(f"field-{number}" for number in range(8))
    subject = topology(
        "wide",
        spout("s", default=fields),
        bolt("b", {"s": Grouping("fields", tuple(fields.split()))}),
    )
    assert text(subject, 44) == (
        "wide: 1 spout, 1 bolt, 2 tasks\n"
        "\n"
        "   ○ s   spout   task 4\n"
        "┌─── field-0, field-1, field-2, field-3,\n"
        "│      field-4, field-5, field-6, field-7\n"
        "│\n"
        "│  ● b   bolt    task 3\n"
        "└──▶ fields field-0, field-1, field-2,\n"
        "       field-3, field-4, field-5, field-6,\n"
        "       field-7 from s\n"
    )


def test_where_wires_leave_no_room_for_words_the_words_alone_say_it_all() -> None:
    many = [spout(f"s{number}", default="x") for number in range(9)]
    subject = topology("many", *many, bolt("sink", {each.id: SHUFFLE for each in many}))
    assert (
        text(subject, 40).splitlines()[-12:]
        == [
            "● sink   bolt    task 3",
            *(f"▶ shuffle   from s{number}" for number in range(9)),
            "",
            "too many streams to draw their wires in",
            "40 columns",
        ][-12:]
    )
    assert "─" not in text(subject, 40)
    assert "─" in text(subject, 80)


def test_unprintable_names_cannot_disturb_the_terminal() -> None:
    subject = topology("t\x1b[31m", spout("a\nb", default="x\x00"))
    assert text(subject) == (
        "t\\x1b[31m: 1 spout, 0 bolts, 1 task\n\n ○ a\\nb   spout   task 3\n   x\\x00\n"
    )


def test_ascii_has_a_sign_for_each_that_a_drawing_uses() -> None:
    drawn = text(DIAMOND)
    plain = as_ascii(drawn)
    assert plain.isascii()
    assert [*map(len, plain.splitlines())] == [*map(len, drawn.splitlines())]


def test_characters_of_two_columns_are_counted_as_two() -> None:
    def columns(line: str) -> int:
        return len(line) + len(re.findall("[\u3000-\u9fff]", line))

    fields = " ".join("値段" * 4 for _ in range(6))
    subject = topology("図", spout("源", default=fields), bolt("数える", {"源": SHUFFLE}))
    drawn = text(subject, 48).splitlines()
    heads = [columns(line.partition("task")[0]) for line in drawn if " task " in line]
    assert heads[0] == heads[1]
    assert max(map(columns, drawn)) <= 48


class Wire(NamedTuple):
    """A stream as the eye follows it: from whom, what its line says, and to whom."""

    source: str
    stream: str
    targets: tuple[str, ...]


def wires(picture: str) -> Iterator[Wire]:
    """Follow every wire of the margin from its top to its bottom."""
    lines = picture.splitlines()
    owner, owners = "", []
    for line in lines:
        head = re.match(r"[ │]*[○●] (\S+)", line)
        owner = head[1] if head else owner
        owners.append(owner)
    for top, line in enumerate(lines):
        for column in (place for place, sign in enumerate(line) if sign == "┌"):
            bottom = top
            ends = []
            while True:
                sign = lines[bottom][column]
                if sign in "┌├└":
                    ends.append(bottom)
                else:
                    assert sign == "│"
                if sign == "└":
                    break
                bottom += 1
            [source] = [row for row in ends if "▶" not in lines[row]]
            targets = tuple(owners[row] for row in ends if row != source)
            yield Wire(owners[source], lines[source].lstrip(" ┌├└│─"), targets)


@given(topologies())
def test_every_wire_leads_from_its_stream_to_all_who_take_it_and_to_nobody_else(
    subject: Topology,
) -> None:
    expected: dict[tuple[str, str], list[str]] = {}
    for component in subject.components.values():
        for source in component.inputs:
            expected.setdefault(source, []).append(component.id)
    drawn = {
        (wire.source, wire.stream.partition(": ")[0] if ": " in wire.stream else "default"): sorted(
            wire.targets
        )
        for wire in wires(text(subject, 200))
    }
    assert drawn == {source: sorted(targets) for source, targets in expected.items()}


@given(topologies(), st.integers(40, 120))
def test_no_line_is_wider_than_the_terminal(subject: Topology, width: int) -> None:
    assert max(map(len, text(subject, width).splitlines())) <= width

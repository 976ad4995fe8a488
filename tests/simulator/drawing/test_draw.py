"""What a drawing shows: the wires and lines are followed as a reader's eye would, and lead where the topology says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import RUN_CONF
from simulator.drawing import draw
from simulator.drawing.layout import arrange
from simulator.model.topology import Component, Grouping, Stream, Topology

SHUFFLE = Grouping("shuffle")
SVG = "{http://www.w3.org/2000/svg}"


def spout(name: str, *, p: int | None = None, **streams: str) -> Component:
    return Component(name, "spout", ("x",), outputs=_outputs(streams), parallelism=p)


def bolt(
    name: str,
    inputs: Mapping[str | tuple[str, str], Grouping],
    *,
    p: int | None = None,
    **streams: str,
) -> Component:
    sources = {
        (each, "default") if isinstance(each, str) else each: grouping
        for each, grouping in inputs.items()
    }
    outputs = _outputs(streams)
    return Component(name, "bolt", ("x",), inputs=sources, outputs=outputs, parallelism=p)


def _outputs(streams: Mapping[str, str]) -> dict[str, Stream]:
    return {name: Stream(tuple(fields.split())) for name, fields in streams.items()}


def topology(name: str, *components: Component) -> Topology:
    return Topology(name, {each.id: each for each in components})


def text(subject: Topology, width: int = 80) -> str:
    return draw.text(subject, RUN_CONF, width)


DIAMOND = topology(
    "diamond",
    spout("sentences", default="sentence"),
    bolt("split", {"sentences": SHUFFLE}, p=2, default="word"),
    bolt("length", {"sentences": SHUFFLE}, default="n"),
    bolt(
        "join",
        {"split": Grouping("fields", ("word",)), "length": Grouping("global")},
        default="word n",
    ),
)
LOOP = topology(
    "crawler",
    spout("urls", default="url"),
    bolt(
        "fetch", {"urls": SHUFFLE, ("parse", "links"): Grouping("fields", ("url",))}, default="url"
    ),
    bolt("parse", {"fetch": SHUFFLE}, links="url", default="text"),
    bolt("index", {"parse": Grouping("local-or-shuffle"), ("index", "retry"): SHUFFLE}, retry="n"),
)


# -- text --------------------------------------------------------------------------------------------------------


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
    plain = draw.as_ascii(drawn)
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


@st.composite
def topologies(draw_from: st.DrawFn) -> Topology:
    """Up to a dozen components that take each other's streams in every way, loops included."""
    names = [f"c{number}" for number in range(draw_from(st.integers(1, 12)))]
    streams = ["default", "errors"]
    count = draw_from(st.integers(1, len(names)))
    components = []
    for place, name in enumerate(names):
        outputs = {each: Stream((f"{name}-{each}",)) for each in streams}
        chosen = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(streams)), max_size=4)
        inputs = {} if place < count else dict.fromkeys(draw_from(chosen), SHUFFLE)
        kind = "spout" if place < count else "bolt"
        p = draw_from(st.integers(1, 3))
        components.append(
            Component(name, kind, ("x",), inputs=inputs, outputs=outputs, parallelism=p)  # type: ignore[arg-type]  # two literals
        )
    return topology("any", *components)


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


# -- svg ---------------------------------------------------------------------------------------------------------


class Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rectangle) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def shrunk(self) -> Rectangle:
        """Without the border, which a line may touch; numbers in the file are rounded to a tenth."""
        return Rectangle(self.left + 0.2, self.top + 0.2, self.right - 0.2, self.bottom - 0.2)


class Shape(NamedTuple):
    """A box of the drawing with the words on it; a label has no border."""

    words: tuple[str, ...]
    place: Rectangle
    has_border: bool


def shapes(root: ElementTree.Element) -> list[Shape]:
    found = []
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        left, top = float(rect.attrib["x"]), float(rect.attrib["y"])
        right, bottom = left + float(rect.attrib["width"]), top + float(rect.attrib["height"])
        words = tuple(each.text or "" for each in group.iter(f"{SVG}text"))
        found.append(Shape(words, Rectangle(left, top, right, bottom), "stroke" in rect.attrib))
    return found


Point = tuple[float, float]


def lines(root: ElementTree.Element) -> list[list[list[Point]]]:
    """Every edge as its pieces, each the points of a straight line or the points and handles of a curve."""
    found = []
    for path in root.findall(f"{SVG}path"):
        pieces: list[list[Point]] = []
        for step in re.findall(r"[MLC][^MLC]*", path.attrib["d"]):
            before = pieces[-1][-1:] if pieces else []
            points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", step)]
            pieces.append([*before, *points])
        found.append(pieces)
    return found


def passed(line: list[list[Point]], among: list[Shape]) -> list[Shape]:
    """The boxes that a line goes over: a piece of it is somewhere between the outermost of its points."""
    areas = [
        Rectangle(
            min(x for x, _ in piece),
            min(y for _, y in piece),
            max(x for x, _ in piece),
            max(y for _, y in piece),
        )
        for piece in line
    ]
    return [shape for shape in among if any(shape.place.shrunk().overlaps(area) for area in areas)]


def touched(point: Point, among: list[Shape]) -> str:
    """The component on whose border a point is."""
    x, y = point
    [found] = [
        shape.words[0]
        for shape in among
        if shape.has_border
        and shape.place.left - 0.2 <= x <= shape.place.right + 0.2
        and shape.place.top - 0.2 <= y <= shape.place.bottom + 0.2
    ]
    return found


@pytest.mark.parametrize("flip", [False, True])
@given(subject=topologies())
@settings(deadline=None)
def test_in_a_picture_nothing_lies_on_anything_else(flip: bool, subject: Topology) -> None:
    root = ElementTree.fromstring(draw.svg(subject, RUN_CONF, flip=flip))
    page = Rectangle(0, 0, float(root.attrib["width"]), float(root.attrib["height"]))
    found = shapes(root)
    overlapping = [
        (one.words, other.words)
        for one, other in combinations(found, 2)
        if one.place.overlaps(other.place)
    ]
    assert overlapping == []
    title, *notes = (float(each.attrib["y"]) for each in root.findall(f"{SVG}text"))
    assert title < min(shape.place.top for shape in found)
    assert [y for y in notes if y - 12 < max(shape.place.bottom for shape in found)] == []
    for shape in found:
        assert page.left <= shape.place.left
        assert shape.place.right <= page.right
        assert page.top <= shape.place.top
        assert shape.place.bottom <= page.bottom
        # 0.6 of the size for each character, of sizes that are no smaller than 12
        assert max(map(len, shape.words)) * 12 * 0.6 <= shape.place.right - shape.place.left


@pytest.mark.parametrize("flip", [False, True])
@given(subject=topologies())
@settings(deadline=None)
def test_in_a_picture_every_line_goes_from_source_to_subscriber_past_all_others(
    flip: bool, subject: Topology
) -> None:
    root = ElementTree.fromstring(draw.svg(subject, RUN_CONF, flip=flip))
    found = shapes(root)
    drawn = lines(root)
    ends = [(touched(line[0][0], found), touched(line[-1][-1], found)) for line in drawn]
    assert sorted(ends) == sorted(
        (source, component.id)
        for component in subject.components.values()
        for source, _ in component.inputs
        if source != component.id  # what feeds itself says so inside its box
    )
    # Its own label is all that it goes over.
    assert [[shape.has_border for shape in passed(line, found)] for line in drawn] == [
        [False] for _ in drawn
    ]


def test_a_picture_says_what_the_text_says() -> None:
    root = ElementTree.fromstring(draw.svg(LOOP, RUN_CONF))
    assert sorted(shape.words for shape in shapes(root)) == sorted(
        [
            ("urls", "spout · task 6"),
            ("fetch", "bolt · task 3"),
            ("parse", "bolt · task 5"),
            ("index", "bolt · task 4", "↻ retry: n · shuffle"),
            ("url", "shuffle"),
            ("links: url", "fields url"),
            ("url", "shuffle"),
            ("text", "local-or-shuffle"),
        ]
    )
    assert [each.text for each in root.findall(f"{SVG}text")] == [
        "crawler: 1 spout, 3 bolts, 4 tasks",
        "loop: fetch -> parse -> fetch",
        "loop: index -> index",
    ]


def test_a_flipped_picture_runs_from_left_to_right() -> None:
    def at(flip: bool) -> dict[str, tuple[float, float]]:
        root = ElementTree.fromstring(draw.svg(DIAMOND, RUN_CONF, flip=flip))
        return {
            each.words[0]: (each.place.left, each.place.top)
            for each in shapes(root)
            if each.has_border
        }

    upright, flipped = at(False), at(True)
    order = ["sentences", "split", "join"]
    assert sorted(order, key=lambda name: upright[name][1]) == order
    assert sorted(order, key=lambda name: flipped[name][0]) == order


def test_names_are_words_in_a_picture_and_never_markup() -> None:
    subject = topology('<o"dd>&', spout("<b>\x00&", default="a&b </svg>"))
    root = ElementTree.fromstring(draw.svg(subject, RUN_CONF))
    assert [each.text for each in root.iter(f"{SVG}text")] == [
        '<o"dd>&: 1 spout, 0 bolts, 1 task',
        "<b>\\x00&",
        "spout · task 1",
    ]


# -- dot ---------------------------------------------------------------------------------------------------------


def test_dot_is_a_graph_with_the_same_words_and_quotes_where_they_belong() -> None:
    subject = topology(
        'q"t',
        spout('a"b\\', p=2, errors="x y"),
        bolt("c", {('a"b\\', "errors"): Grouping("fields", ("x",)), "c": SHUFFLE}, default="z"),
    )
    assert draw.dot(subject, RUN_CONF, flip=True) == (
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
    assert "rankdir=TB" in draw.dot(subject, RUN_CONF)


# -- layout ------------------------------------------------------------------------------------------------------


def test_boxes_stand_under_the_middle_of_what_feeds_them() -> None:
    places = arrange(
        [["a", "b"], ["c"]],
        [("a", "c"), ("b", "c")],
        {"a": 10.0, "b": 10.0, "c": 10.0},
        gap=10.0,
    )
    assert places == pytest.approx({"a": 5.0, "b": 25.0, "c": 15.0})


def test_lines_that_need_not_cross_do_not() -> None:
    ranks = [["a", "b", "c"], ["x", "y", "z"]]
    links = [("a", "z"), ("b", "x"), ("c", "y")]
    places = arrange(ranks, links, dict.fromkeys("abcxyz", 10.0), gap=5.0)
    assert sorted("abc", key=places.__getitem__) == [
        {"z": "a", "x": "b", "y": "c"}[name] for name in sorted("xyz", key=places.__getitem__)
    ]


def test_a_long_line_runs_straight_where_nothing_is_in_its_way() -> None:
    # The three bends of a -> d pass b and c, which are as wide as anything.
    ranks = [["a"], ["b", "1"], ["c", "2"], ["e", "3"], ["d"]]
    links = ["ab", "bc", "ce", "ed", "a1", "12", "23", "3d"]
    breadths = {"a": 40.0, "b": 40.0, "c": 60.0, "e": 20.0, "d": 40.0, "1": 0.0, "2": 0.0, "3": 0.0}
    places = arrange(ranks, [(each[0], each[1]) for each in links], breadths, gap=10.0)
    assert places["1"] == places["2"] == places["3"]

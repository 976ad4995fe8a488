"""What an SVG shows: nothing lies on anything else, and every line leads from a source to its subscriber."""

from __future__ import annotations

import re
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from simulator import RUN_CONF
from simulator.drawing import to_svg
from simulator.model import Topology
from tests.support.drawn import DIAMOND, LOOP, spout, topologies, topology

SVG = "{http://www.w3.org/2000/svg}"


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
    root = ElementTree.fromstring(to_svg(subject, RUN_CONF, flip=flip))
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
    root = ElementTree.fromstring(to_svg(subject, RUN_CONF, flip=flip))
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
    root = ElementTree.fromstring(to_svg(LOOP, RUN_CONF))
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
        root = ElementTree.fromstring(to_svg(DIAMOND, RUN_CONF, flip=flip))
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
    root = ElementTree.fromstring(to_svg(subject, RUN_CONF))
    assert [each.text for each in root.iter(f"{SVG}text")] == [
        '<o"dd>&: 1 spout, 0 bolts, 1 task',
        "<b>\\x00&",
        "spout · task 1",
    ]

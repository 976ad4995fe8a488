"""A diagram of anything: its boxes, arrows and words are all there, and the same value gives the same bytes."""

from __future__ import annotations

from xml.etree import ElementTree

from simulator.drawing import Arrow, Box, Diagram, diagram_to_svg, place_diagram

SVG = "{http://www.w3.org/2000/svg}"
KITCHEN = Diagram(
    "kitchen",
    [Box("order", ("by hand",), shape="round"), Box("cook", tip="one at a time"), Box("serve")],
    [
        Arrow("order", "cook", ("a slip",)),
        Arrow("cook", "serve", ("a plate", "hot")),
        Arrow("serve", "order"),
    ],
    notes=("closed on Monday",),
)


def _page(diagram: Diagram, *, flip: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(diagram_to_svg(diagram, flip=flip))


def test_every_word_of_a_diagram_is_on_the_page() -> None:
    words = [str(each.text) for each in _page(KITCHEN).iter(f"{SVG}text")]
    assert sorted(words) == sorted(
        ["kitchen", "order", "by hand", "cook", "serve", "a slip", "a plate", "hot", "closed on Monday"]
    )  # fmt: skip
    assert [str(each.text) for each in _page(KITCHEN).iter(f"{SVG}title")] == [
        "kitchen",
        "one at a time",
    ]


def test_an_arrow_that_closes_a_loop_is_dashed() -> None:
    arrows = [path for path in _page(KITCHEN).iter(f"{SVG}path") if path.get("marker-end")]
    assert [path.get("stroke-dasharray") for path in arrows] == [None, None, "6 4"]


def test_flipped_a_diagram_is_wider_than_high_and_equal_input_gives_equal_bytes() -> None:
    upright, flipped = _page(KITCHEN), _page(KITCHEN, flip=True)
    assert float(str(upright.get("height"))) > float(str(upright.get("width")))
    assert float(str(flipped.get("height"))) < float(str(flipped.get("width")))
    assert diagram_to_svg(KITCHEN) == diagram_to_svg(KITCHEN)


def test_a_box_without_lines_or_arrows_is_a_diagram_too() -> None:
    assert len(list(_page(Diagram("alone", [Box("a\nb")], [])).iter(f"{SVG}rect"))) == 2


def test_boxes_and_arrows_can_be_placed_without_being_drawn() -> None:
    placed = place_diagram(KITCHEN, flip=True)
    order, cook, serve = (placed.boxes[name] for name in ("order", "cook", "serve"))
    assert order.x + order.width < cook.x < cook.x + cook.width < serve.x < placed.width
    assert [(each.label, each.leads_back) for each in placed.arrows] == [
        (("a slip",), False),
        (("a plate", "hot"), False),
        ((), True),
    ]
    assert order.x + order.width < placed.arrows[0].x < cook.x
    drawn = {str(path.get("d")) for path in _page(KITCHEN, flip=True).iter(f"{SVG}path")}
    assert {each.path for each in placed.arrows} <= drawn

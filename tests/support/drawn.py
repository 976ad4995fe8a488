"""Topologies to draw, and a strategy that makes them."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from simulator.model import Component, Grouping, Stream, Topology

SHUFFLE = Grouping("shuffle")


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

"""What Storm refuses at submit is refused, with Storm's words, and nothing else."""

import pytest

from simulator.model import Component, Grouping, Place, Problem, Stream, validate
from tests.support.built import BOLT, SHUFFLE, SPOUT, bolt, found, spout, topology


def test_a_sound_topology_passes() -> None:
    validate(
        topology(SPOUT, BOLT),
        {"topology.workers": 2, "topology.max.spout.pending": None, "own": [1, {"a": "b"}]},
    )


@pytest.mark.parametrize(
    "accepted",
    [
        (),
        (bolt("a", {"b": SHUFFLE}), bolt("b", {"a": SHUFFLE})),
        (bolt("a", {"a": SHUFFLE}),),
        (spout(""),),
        (spout("a b/c.d"),),
        (spout("s", conf={"topology.tasks": 0}),),
        (spout("s", conf={"topology.tasks": -1}),),
        (spout("s", outputs={"d": Stream(("a",), direct=True)}), bolt("b", {("s", "d"): SHUFFLE})),
        (SPOUT, bolt("b", {"s": Grouping("direct")})),
        (SPOUT, bolt("b", {"s": SHUFFLE}, conf={"topology.tick.tuple.freq.secs": 0})),
        (SPOUT, bolt("b", {"s": Grouping("global")}, outputs={})),
        (spout("s", outputs={"default": Stream(())}), bolt("b", {"s": SHUFFLE})),
        (
            Component("s", "spout", jvm_class="my.Spout"),
            bolt("b", {("s", "any"): Grouping("fields", ("x",))}),
        ),
    ],
)
def test_what_storm_accepts_passes(accepted: tuple[Component, ...]) -> None:
    validate(topology(*accepted))


@pytest.mark.parametrize(
    ("components", "message"),
    [
        (
            (spout("__s"),),
            'component "__s": ids with __ in front are Storm\'s own '
            '(Storm: __s is not a valid component id); name it "s"',
        ),
        (
            (spout("s", outputs={"__x": Stream(())}),),
            'component "s": stream "__x": names with __ in front are Storm\'s own '
            '(Storm: __x is not a valid stream id); name it "x"',
        ),
        (
            (spout("s", outputs={"default": Stream(("a", "b", "a"))}),),
            'component "s": stream "default" declares the field "a" twice (Storm: duplicate field \'a\'); '
            "give each field its own name",
        ),
        (
            (spout("s", parallelism=0),),
            'component "s": :p is 0 (Storm: Parallelism must be positive); expected at least 1',
        ),
        (
            (spout("words"), bolt("b", {"word": SHUFFLE})),
            'component "b": subscribes to "word", and there is no such component (did you mean "words"?) '
            '(Storm: Component: [b] subscribes from non-existent component [word]); there are "words", "b"',
        ),
        (
            (SPOUT, bolt("b", {("s", "err"): SHUFFLE})),
            'component "b": subscribes to stream "err" of "s", which has no such stream '
            "(Storm: Component: [b] subscribes from non-existent stream: [err] of component [s]); "
            'it declares "default"',
        ),
        (
            (spout("s", outputs={}), bolt("b", {"s": SHUFFLE})),
            'component "b": subscribes to stream "default" of "s", which has no such stream '
            "(Storm: Component: [b] subscribes from non-existent stream: [default] of component [s]); "
            "it declares no stream",
        ),
        (
            (SPOUT, bolt("b", {"s": Grouping("fields", ("wrod",))})),
            'component "b": groups on "wrod", which stream "default" of "s" does not have (did you mean "word"?) '
            "(Storm: Component: [b] subscribes from stream: [default] of component [s] with non-existent fields: "
            '[wrod]); its fields are "word"',
        ),
        (
            # The field is there, but on another stream: the one case that only the simulator and 0.9 to 1.x find.
            (
                spout("s", outputs={"default": Stream(("word",)), "odd": Stream(("n",))}),
                bolt("b", {"s": Grouping("fields", ("n",))}),
            ),
            'component "b": groups on "n", which stream "default" of "s" does not have '
            "(Storm: 2.x accepts it because another stream has it, and dies at the first emit: n does not exist); "
            'its fields are "word"',
        ),
        (
            (SPOUT, bolt("b", {("__system", "__tick"): SHUFFLE})),
            'component "b": subscribes to Storm\'s own __system (Storm: accepts it, then the bolt dies: '
            "Could not find component common for __system); "
            'ticks need no subscription: :conf {"topology.tick.tuple.freq.secs" 1}',
        ),
        (
            (SPOUT, bolt("b", {})),
            'component "b": a bolt without inputs, which no tuple ever reaches (Storm: accepts it without a message); '
            'subscribe it: {"source" :shuffle}',
        ),
    ],
)
def test_what_storm_refuses_is_refused_with_its_words(
    components: tuple[Component, ...], message: str
) -> None:
    assert found(*components) == [message]


@pytest.mark.parametrize("name", ["", "  ", "a.b", "a/b", "a:b", "a\\b"])
def test_a_name_that_nimbus_refuses_is_refused(name: str) -> None:
    problem = Problem(
        Place(""),
        None,
        f'"{name}" cannot be the name of a topology'.replace("\\", "\\\\"),
        "rename the file: a name is not blank and has none of / . : \\",
        "InvalidTopologyException",
    )
    assert found(SPOUT, name=name) == [str(problem)]


def test_all_mistakes_are_reported_in_the_order_of_their_places() -> None:
    late = spout("__late", parallelism=0, place=Place("t.clj", 9, 1))
    early = bolt("early", {"gone": SHUFFLE}, place=Place("t.clj", 2, 3))
    lines = found(late, early)
    assert [line.split(" ", 1)[0] for line in lines] == ["t.clj:2:3:", "t.clj:9:1:", "t.clj:9:1:"]

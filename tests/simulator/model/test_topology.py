"""Tasks, executors, workers, the graph, and everything that Storm refuses: on topologies built in Python."""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model.placement import assign_workers, executors, number_tasks
from simulator.model.problems import Place, Problem, TopologyError
from simulator.model.topology import Component, Grouping, Stream, Topology
from simulator.model.validation import validate

SHUFFLE = Grouping("shuffle")
ARGV = ("python", "component.py")


def spout(name: str, *, outputs: Mapping[str, Stream] | None = None, **more: Any) -> Component:
    declared = {"default": Stream(("word",))} if outputs is None else outputs
    return Component(name, "spout", command=ARGV, outputs=declared, **more)


def bolt(
    name: str,
    inputs: Mapping[Any, Grouping],
    *,
    outputs: Mapping[str, Stream] | None = None,
    **more: Any,
) -> Component:
    keyed = {
        source if isinstance(source, tuple) else (source, "default"): how
        for source, how in inputs.items()
    }
    declared = {"default": Stream(("word",))} if outputs is None else outputs
    return Component(name, "bolt", command=ARGV, inputs=keyed, outputs=declared, **more)


def topology(*components: Component, name: str = "t") -> Topology:
    return Topology(name, {component.id: component for component in components})


def found(
    *components: Component, conf: Mapping[Any, object] | None = None, name: str = "t"
) -> list[str]:
    """What is wrong, a line each."""
    with pytest.raises(TopologyError) as caught:
        validate(topology(*components, name=name), conf)
    return str(caught.value).splitlines()


SPOUT = spout("s")
BOLT = bolt("b", {"s": SHUFFLE})


# -- tasks ---------------------------------------------------------------------------------------------------------


def test_tasks_are_numbered_in_javas_order_of_the_ids() -> None:
    # Capital letters, digits and - sort before the _ of __acker, small letters after it (seen on Storm 2.8.3).
    built = topology(
        spout("word-spout"),
        bolt("count-bolt", {"word-spout": SHUFFLE}, parallelism=2),
        bolt("Alert-bolt", {"word-spout": SHUFFLE}),
    )
    assert number_tasks(built, {"topology.acker.executors": 2}) == {
        "Alert-bolt": (1,),
        "__acker": (2, 3),
        "count-bolt": (4, 5),
        "word-spout": (6,),
    }


def test_ids_beyond_the_basic_plane_sort_by_their_utf16_code_units() -> None:
    built = topology(spout("\uff5e"), spout("\U0001f600"), spout("z"))
    assert list(number_tasks(built, {"topology.acker.executors": 0})) == [
        "z",
        "\U0001f600",
        "\uff5e",
    ]


@pytest.mark.parametrize(
    ("parallelism", "own", "conf", "tasks", "shares"),
    [
        (None, {}, {}, 1, [1]),
        (4, {}, {}, 4, [1, 1, 1, 1]),
        (4, {"topology.tasks": 1}, {}, 1, [1]),
        (1, {"topology.tasks": 3}, {}, 3, [3]),
        (3, {"topology.tasks": 10}, {}, 10, [4, 3, 3]),
        (4, {}, {"topology.max.task.parallelism": 2}, 2, [1, 1]),
        (
            4,
            {"topology.max.task.parallelism": 3},
            {"topology.max.task.parallelism": 2},
            3,
            [1, 1, 1],
        ),
        (2, {}, {"topology.tasks": 4}, 4, [2, 2]),
        (2, {"topology.tasks": 1}, {"topology.tasks": 4}, 1, [1]),
        (2, {"topology.tasks": None}, {"topology.tasks": 4}, 2, [1, 1]),
        (2, {"topology.tasks": 0}, {}, 0, []),
        (2, {"topology.tasks": -1}, {}, 0, []),
    ],
)
def test_tasks_and_executors_follow_p_and_two_settings(
    parallelism: int | None,
    own: dict[str, object],
    conf: dict[Any, object],
    tasks: int,
    shares: list[int],
) -> None:
    built = topology(spout("s", parallelism=parallelism, conf=own))
    conf = {**conf, "topology.acker.executors": 0}
    numbered = number_tasks(built, conf)
    dealt = executors(built, numbered)
    assert (len(numbered["s"]), [len(each) for each in dealt]) == (tasks, shares)


@pytest.mark.parametrize(
    ("conf", "system"),
    [
        ({}, {"__acker": 1}),
        ({"topology.workers": 3}, {"__acker": 3}),
        ({"topology.workers": 3, "topology.acker.executors": None}, {"__acker": 3}),
        ({"topology.acker.executors": 0}, {}),
        ({"topology.acker.executors": 4, "topology.max.task.parallelism": 1}, {"__acker": 4}),
        ({"topology.eventlogger.executors": 0}, {"__acker": 1}),
        (
            {"topology.eventlogger.executors": None, "topology.workers": 2},
            {"__acker": 2, "__eventlogger": 2},
        ),
        (
            {
                "topology.metrics.consumer.register": [
                    {"class": "a.M", "parallelism.hint": 2},
                    {"class": "a.M"},
                ]
            },
            {"__acker": 1, "__metrics_a.M": 2, "__metrics_a.M#2": 1},
        ),
    ],
)
def test_the_configuration_brings_storms_own_components(
    conf: dict[Any, object], system: dict[str, int]
) -> None:
    tasks = number_tasks(topology(spout("s")), conf)
    assert {name: len(ids) for name, ids in tasks.items() if name != "s"} == system


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"topology.workers": "2"}, 'topology.workers is "2"; expected a whole number'),
        ({"topology.workers": True}, "topology.workers is true; expected a whole number"),
        ({"topology.tasks": 1.5}, "topology.tasks is 1.5; expected a whole number"),
        (
            {"topology.tasks": 10**9},
            'topology "t" has 1000000001 tasks, 1000000000 of them in "s"; '
            "expected at most 100000, as each is a process",
        ),
        (
            {"topology.metrics.consumer.register": ["a.M"]},
            'topology.metrics.consumer.register holds "a.M"; expected a map with a "class"',
        ),
    ],
)
def test_numbers_that_are_none_are_refused_before_they_do_harm(
    conf: dict[Any, object], message: str
) -> None:
    with pytest.raises(ValueError, match=r"expected") as caught:
        number_tasks(topology(spout("s")), conf)
    assert str(caught.value) == message


def test_executors_are_dealt_to_workers_by_their_first_task() -> None:
    built = topology(
        spout("s", parallelism=2, conf={"topology.tasks": 4}),
        bolt("b", {"s": SHUFFLE}, parallelism=3),
    )
    conf = {"topology.workers": 2, "topology.acker.executors": 1}
    dealt = executors(built, number_tasks(built, conf))
    assert (dealt, assign_workers(dealt, conf)) == (
        [(1,), (2,), (3,), (4,), (5, 6), (7, 8)],
        {1: 0, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0, 7: 1, 8: 1},
    )


@given(
    st.dictionaries(
        st.text(min_size=1), st.tuples(st.integers(1, 9), st.integers(0, 20)), max_size=8
    ),
    st.integers(0, 4),
    st.integers(1, 5),
)
def test_every_task_has_one_executor_and_one_worker(
    shape: dict[str, tuple[int, int]], ackers: int, workers: int
) -> None:
    built = topology(
        *(
            spout(name, parallelism=p, conf={"topology.tasks": tasks})
            for name, (p, tasks) in shape.items()
        )
    )
    conf = {"topology.acker.executors": ackers, "topology.workers": workers}
    numbered = number_tasks(built, conf)
    tasks = [task for ids in numbered.values() for task in ids]
    dealt = executors(built, numbered)
    placed = assign_workers(dealt, conf)
    assert tasks == list(range(1, len(tasks) + 1))
    assert [task for each in dealt for task in each] == tasks
    assert list(placed) == tasks
    assert all(len({placed[task] for task in each}) == 1 for each in dealt)


# -- who subscribes to what ----------------------------------------------------------------------------------------


def diamond() -> Topology:
    return topology(
        spout("s", outputs={"default": Stream(("word",)), "odd": Stream(("n",), direct=True)}),
        bolt("left", {"s": SHUFFLE, ("s", "odd"): Grouping("direct")}),
        bolt("right", {"s": Grouping("fields", ("word",)), "left": Grouping("all")}, parallelism=2),
    )


def test_subscribers_come_in_the_order_of_the_file() -> None:
    built = diamond()
    streams = [
        ("s", "default"),
        ("s", "odd"),
        ("left", "default"),
        ("right", "default"),
        ("nope", "default"),
    ]
    assert {stream: list(built.subscribers(*stream)) for stream in streams} == {
        ("s", "default"): [("left", SHUFFLE), ("right", Grouping("fields", ("word",)))],
        ("s", "odd"): [("left", Grouping("direct"))],
        ("left", "default"): [("right", Grouping("all"))],
        ("right", "default"): [],
        ("nope", "default"): [],
    }


def test_the_graph_has_an_edge_for_every_subscription() -> None:
    graph = diamond().graph
    edges = {(source, to, key): data for source, to, key, data in graph.edges(keys=True, data=True)}
    assert edges == {
        ("s", "left", "default"): {
            "stream": "default",
            "fields": ("word",),
            "direct": False,
            "grouping": SHUFFLE,
        },
        ("s", "left", "odd"): {
            "stream": "odd",
            "fields": ("n",),
            "direct": True,
            "grouping": Grouping("direct"),
        },
        ("s", "right", "default"): {
            "stream": "default",
            "fields": ("word",),
            "direct": False,
            "grouping": Grouping("fields", ("word",)),
        },
        ("left", "right", "default"): {
            "stream": "default",
            "fields": ("word",),
            "direct": False,
            "grouping": Grouping("all"),
        },
    }


def test_a_node_of_the_graph_carries_its_component() -> None:
    assert diamond().graph.nodes["right"] == {
        "kind": "bolt",
        "command": ARGV,
        "python_class": None,
        "jvm_class": None,
        "outputs": {"default": Stream(("word",))},
        "conf": {},
        "parallelism": 2,
    }


def test_spouts_and_bolts_are_told_apart() -> None:
    built = diamond()
    assert (list(built.spouts), list(built.bolts)) == (["s"], ["left", "right"])


@pytest.mark.parametrize(
    ("inputs", "cycles"),
    [
        ({"a": ["s"], "b": ["a"]}, ()),
        ({"a": ["s", "a"]}, (("a",),)),
        ({"a": ["s", "b"], "b": ["a"]}, (("a", "b"),)),
        ({"c": ["a"], "a": ["s", "b"], "b": ["c"]}, (("c", "b", "a"),)),
        ({"a": ["s", "b", "c"], "b": ["a"], "c": ["b"], "x": ["x", "a"]}, (("a", "b"), ("x",))),
    ],
)
def test_loops_are_legal_and_shown(
    inputs: dict[str, list[str]], cycles: tuple[tuple[str, ...], ...]
) -> None:
    built = topology(
        spout("s"),
        *(bolt(name, dict.fromkeys(sources, SHUFFLE)) for name, sources in inputs.items()),
    )
    validate(built)
    assert built.cycles() == cycles


def test_a_topology_without_loops_needs_no_networkx() -> None:
    script = (
        "import sys; from simulator.model import *; t = Topology('t', {'s': Component('s', 'spout')}); "
        "t.cycles(); assign_workers(executors(t, number_tasks(t, {})), {}); print('networkx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


# -- stubs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "changes", "now"),
    [
        (SPOUT, {"parallelism": 3}, spout("s", parallelism=3)),
        (
            SPOUT,
            {"command": ["bash", "x.sh"]},
            Component("s", "spout", ("bash", "x.sh"), outputs=SPOUT.outputs),
        ),
        (
            Component("s", "spout", ("py3", "-m", "streamparse.run", "a.B"), "a.B"),
            {"python_class": "c.D"},
            Component("s", "spout", ("py3", "-m", "streamparse.run", "c.D"), "c.D"),
        ),
        (
            Component("s", "spout", jvm_class="my.Spout"),
            {"python_class": "c.D", "outputs": {"default": Stream(("word",))}},
            Component(
                "s",
                "spout",
                ("python", "-m", "streamparse.run", "c.D"),
                "c.D",
                outputs=SPOUT.outputs,
            ),
        ),
    ],
)
def test_a_component_can_be_replaced_by_a_stub(
    old: Component, changes: dict[str, Any], now: Component
) -> None:
    assert topology(old, BOLT).replace("s", **changes) == topology(now, BOLT)


def test_replacing_leaves_the_topology_as_it_was() -> None:
    before = topology(SPOUT, BOLT)
    before.replace("b", parallelism=7)
    assert before == topology(SPOUT, BOLT)


@pytest.mark.parametrize(
    ("component", "parallelism", "message"),
    [
        (
            "word-spuot",
            1,
            'topology "t" has no component "word-spuot" (did you mean "word-spout"?)',
        ),
        ("zzz", 1, 'topology "t" has no component "zzz"; there are "word-spout"'),
        ("word-spout", 0, 'component "word-spout": parallelism 0: expected at least 1'),
    ],
)
def test_a_wrong_replacement_is_refused_in_one_line(
    component: str, parallelism: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match="component") as caught:
        topology(spout("word-spout")).replace(component, parallelism=parallelism)
    assert str(caught.value) == message


# -- what Storm refuses at submit ----------------------------------------------------------------------------------


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
        (
            (spout("s", conf={"a": {"b": [float("nan")]}}),),
            'component "s": :conf "a": nan is not JSON (Storm: sends it as text that is not JSON); '
            "expected numbers, strings, true, false, nil, vectors and maps",
        ),
        (
            (spout("s", conf={"topology.kryo.register": []}),),
            'component "s": :conf "topology.kryo.register": only the topology\'s configuration can have it '
            "(Storm: Cannot set serializations for a component using fluent API); set it with -o, or remove it",
        ),
        (
            (spout("s", conf={"topology.tasks": "3"}),),
            'component "s": :conf "topology.tasks" is "3" '
            "(Storm: Nimbus cannot count the tasks and refuses the topology); expected a whole number",
        ),
    ],
)
def test_what_storm_refuses_is_refused_with_its_words(
    components: tuple[Component, ...], message: str
) -> None:
    assert found(*components) == [message]


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        (
            {"topology.workers": 0},
            'option "topology.workers" is 0 (Storm: Field TOPOLOGY_WORKERS must be a Positive Number); '
            "expected a whole number of at least 1",
        ),
        (
            {"topology.acker.executors": -1},
            'option "topology.acker.executors" is -1 '
            "(Storm: Field TOPOLOGY_ACKER_EXECUTORS must be a Positive Number); expected a whole number of at least 0",
        ),
        (
            {"topology.tick.tuple.freq.secs": "2"},
            'option "topology.tick.tuple.freq.secs" is "2" '
            "(Storm: Field TOPOLOGY_TICK_TUPLE_FREQ_SECS must be an Integer within range); expected a whole number",
        ),
        (
            {"topology.debug": "yes"},
            'option "topology.debug" is "yes" (Storm: Field TOPOLOGY_DEBUG must be a Boolean); expected true or false',
        ),
        (
            {"a": {1, 2}},
            'option "a": {1, 2} is not JSON (Storm: Topology conf is not json-serializable); '
            "expected numbers, strings, true, false, null, lists and maps",
        ),
        (
            {1: "a"},
            "option 1: the key 1 is not JSON (Storm: Topology conf is not json-serializable); "
            "expected numbers, strings, true, false, null, lists and maps",
        ),
    ],
)
def test_options_are_checked_as_nimbus_checks_them(conf: dict[Any, object], message: str) -> None:
    assert found(SPOUT, conf=conf) == [message]


def test_a_whole_float_is_an_integer_to_storm() -> None:
    validate(topology(SPOUT), {"topology.tick.tuple.freq.secs": 1.0, "topology.acker.executors": 0})


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


def test_an_error_says_one_line_a_problem_and_survives_pickling() -> None:
    problem = Problem(Place("t.clj", 3, 5), "b", "it is blue", "expected red", "refuses it")
    error = pickle.loads(pickle.dumps(TopologyError([problem, problem])))
    assert (error.problems, str(error)) == (
        [problem],
        't.clj:3:5: component "b": it is blue (Storm: refuses it); expected red',
    )

"""The scenarios of topologies under load: what runs, on which Storms, for how long, and what is known to differ.

A scenario has a spout without end, or several, and bolts that sleep (``scripted/load.py``). On a real Storm its counts
are recorded second by second. In a simulation each bolt has one number, its mean time for a tuple, as work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.support.paths import EXAMPLES

LINES = ("2.8.3", "1.2.4", "0.9.4")


@dataclass(frozen=True)
class Rows:
    """A spout: see ``scripted.load.Rows``.

    Attributes:
        rate: rows a second; None: as fast as it is asked.
        burst: rows at once, before those.
        hot: of ten rows so many have one key.
        pause: seconds that it sleeps in ``next_tuple``.
        tell: seconds that it sleeps in ``ack`` and in ``fail``.
        p: its tasks.
    """

    rate: float | None = None
    burst: int = 0
    hot: int = 0
    pause: float = 0
    tell: float = 0
    p: int = 1

    def conf(self) -> dict[str, object]:
        given = {
            "load.rate": self.rate,
            "load.burst": self.burst,
            "load.hot": self.hot,
            "load.pause": self.pause,
            "load.tell": self.tell,
        }
        return {key: value for key, value in given.items() if value}


@dataclass(frozen=True)
class Sleepy:
    """A bolt: see ``scripted.load``.

    Attributes:
        sleep: seconds a tuple.
        inputs: a grouping for each source: a keyword of Clojure's, or a field.
        p: its tasks.
        kind: its class.
        tick: seconds between ticks; 0: none.
        fails: each so many-th tuple fails; 0: none.
        stall_at, stall: over this tuple it sleeps for so many seconds more.
        emits: it emits each tuple so many times.
        loose: it emits without an anchor.
    """

    sleep: float
    inputs: Mapping[str, str] = field(default_factory=lambda: {"rows": "shuffle"})
    p: int = 1
    kind: Literal["Sleeper", "Batcher", "Pool"] = "Sleeper"
    tick: int = 0
    fails: int = 0
    stall_at: int = 0
    stall: float = 0
    emits: int = 0
    loose: bool = False

    @property
    def is_steady(self) -> bool:
        """Whether it works on each tuple as it comes, and always for the same time."""
        return self.kind != "Batcher" and not self.stall

    @property
    def parallel(self) -> int:
        """The number of tuples that a task sleeps over at the same time."""
        return 4 if self.kind == "Pool" else 1

    def conf(self) -> dict[str, object]:
        given: dict[str, object] = {
            "load.sleep": self.sleep,
            "load.fail.every": self.fails,
            "load.stall.at": self.stall_at,
            "load.stall": self.stall,
            "load.emit": self.emits,
            "load.loose": self.loose,
            "topology.tick.tuple.freq.secs": self.tick,
        }
        return {key: value for key, value in given.items() if value}


@dataclass(frozen=True)
class Known:
    """A difference that is known; it has to show.

    Attributes:
        views: in which it shows.
        why: the reason.
        lines: on which it shows; all when empty.
        within: the mean error that these views may have instead, where they have one.
    """

    views: Sequence[str]
    why: str
    lines: Sequence[str] = ()
    within: float | None = None


@dataclass(frozen=True)
class Scenario:
    """One topology under load.

    Attributes:
        about: what it is about, in a few words.
        bolts, spouts: its components.
        seconds: how long it is compared.
        pending: ``topology.max.spout.pending``; None: any number.
        timeout: ``topology.message.timeout.secs``.
        workers: it has as many workers and ackers.
        conf: more settings.
        lines: the Storms that it is recorded on.
        unrecorded: those that it is not recorded on yet.
        at_edge: whether tuples wait about as long as the timeout, so that counts of fails mean nothing.
        as_one: whether only the counts of all spouts together are compared: whose rows come first is chance.
        example: its topology file in ``examples/``, with the components of ``scripted.examples``; none: its topology is
            that of the bolts and spouts.
        simulated: how many seconds of it are simulated on a Storm, where it is not all of them.
        known: what is known to differ.
    """

    name: str
    about: str
    bolts: Mapping[str, Sleepy]
    spouts: Mapping[str, Rows] = field(default_factory=lambda: {"rows": Rows()})
    seconds: int = 25
    pending: int | None = None
    timeout: int = 30
    workers: int = 1
    conf: Mapping[str, object] = field(default_factory=dict)
    lines: Sequence[str] = ("2.8.3",)
    unrecorded: Sequence[str] = ()
    at_edge: bool = False
    as_one: bool = False
    example: str = ""
    simulated: Mapping[str, int] = field(default_factory=dict)
    known: Sequence[Known] = ()

    def whole_conf(self) -> dict[str, object]:
        """What it is submitted with."""
        limit = {} if self.pending is None else {"topology.max.spout.pending": self.pending}
        return {
            "topology.workers": self.workers,
            "topology.acker.executors": self.workers,
            "topology.message.timeout.secs": self.timeout,
            "topology.debug": False,
            **limit,
            **(self._example_conf() if self.example else {}),
            **self.conf,
        }

    def _example_conf(self) -> dict[str, object]:
        sleeps = {f"load.sleep.{name}": bolt.sleep for name, bolt in self.bolts.items()}
        rates = {
            f"load.rate.{name}": spout.rate for name, spout in self.spouts.items() if spout.rate
        }
        return {**sleeps, **rates}

    def known_on(self, version: str) -> list[Known]:
        """What is known to differ on this line."""
        return [each for each in self.known if not each.lines or version in each.lines]

    def text(self) -> str:
        """Its topology file."""
        if self.example:
            return example_text(self.example, "scripted.examples")
        spouts = [f'"{name}" {_spout_spec(each)}' for name, each in self.spouts.items()]
        bolts = [f'"{name}" {_bolt_spec(each)}' for name, each in self.bolts.items()]
        return (
            f"(ns {self.name}\n"
            "  (:use [streamparse.specs] [backtype.storm.clojure])\n"
            "  (:gen-class))\n\n"
            f"(defn load-{self.name} [options]\n"
            f"  [{{{_lines(spouts)}}}\n"
            f"   {{{_lines(bolts)}}}])\n"
        )


#: A class of an example, with its module.
_CLASS = re.compile(r'"(?:\w+\.)+([A-Z]\w+)"')


def example_text(path: str, module: str) -> str:
    """A topology file in ``examples/``, with the classes of this module for its own."""
    return _CLASS.sub(rf'"{module}.\1"', (EXAMPLES / path).read_text(encoding="utf-8"))


def _lines(specs: Sequence[str]) -> str:
    return "\n    ".join(specs)


def _spout_spec(spout: Rows) -> str:
    fields = '["row" "key" "pad"]'
    return f'(python-spout-spec options "scripted.load.Rows" {fields} :p {spout.p}{_conf(spout.conf())})'


def _bolt_spec(bolt: Sleepy) -> str:
    inputs = " ".join(f'"{source}" {_grouping(how)}' for source, how in bolt.inputs.items())
    fields = '["row" "key" "pad"]' if bolt.emits else "[]"
    return (
        f'(python-bolt-spec options {{{inputs}}} "scripted.load.{bolt.kind}" {fields} '
        f":p {bolt.p}{_conf(bolt.conf())})"
    )


def _grouping(how: str) -> str:
    return f'["{how}"]' if how == "key" else f":{how}"


def _conf(conf: Mapping[str, object]) -> str:
    pairs = " ".join(f"{json.dumps(key)} {json.dumps(value)}" for key, value in conf.items())
    return f" :conf {{{pairs}}}" if pairs else ""


def _slow(sleep: float, **settings: object) -> dict[str, Sleepy]:
    return {"slow": Sleepy(sleep, **settings)}  # type: ignore[arg-type]


def _chain() -> dict[str, Sleepy]:
    return {"ten": Sleepy(0.01, emits=1), "thirty": Sleepy(0.03, {"ten": "shuffle"})}


_BOTH = {"left": "shuffle", "right": "shuffle"}


def _unanchored(quick: float, after: float) -> dict[str, Sleepy]:
    return {
        "loose": Sleepy(quick, emits=1, loose=True),
        "after": Sleepy(after, {"loose": "shuffle"}),
    }


def _three(p: int = 1) -> dict[str, Sleepy]:
    return {"split": Sleepy(0.005, emits=3), "slow": Sleepy(0.01, {"split": "shuffle"}, p=p)}


def _diamond(p: int = 1) -> dict[str, Sleepy]:
    return {
        "left": Sleepy(0.01, emits=1),
        "right": Sleepy(0.025, emits=1, p=p),
        "join": Sleepy(0.005, _BOTH),
    }


def _shop(
    name: str, about: str, *, p: int = 1, rate: float | None = None, **settings: object
) -> Scenario:
    return Scenario(
        name,
        about,
        {
            "price": Sleepy(0.03, {"orders": "shuffle"}, p=p),
            "count": Sleepy(0, {"orders": "key"}, p=4),
        },
        {"orders": Rows(rate=rate)},
        conf={"price.tasks": p},
        example="load/topologies/shop.clj",
        **settings,  # type: ignore[arg-type]
    )


def _words(name: str, about: str, rate: float) -> Scenario:
    return Scenario(
        name,
        about,
        {"count-bolt": Sleepy(0.025, {"word-spout": "key"}, p=2)},
        {"word-spout": Rows(rate=rate)},
        seconds=50,
        example="wordcount/topologies/wordcount.clj",
    )


SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "a-1000",
        "one slow bolt, meltdown",
        _slow(0.03),
        seconds=60,
        pending=1000,
        timeout=10,
        lines=LINES,
        known=[
            Known(
                ["acked", "latency"],
                "from 1.0.6 and 1.1.2 to 1.2.4 an acker forgets a tree at its own second turn, which is before that of "
                "the spout; acks in between are lost, and the simulator does not lose them",
                ["1.2.4"],
                within=0.04,
            ),
        ],
    ),
    Scenario(
        "a-300",
        "one slow bolt, healthy",
        _slow(0.03),
        seconds=40,
        pending=300,
        timeout=10,
        lines=LINES,
    ),
    Scenario(
        "a-325",
        "one slow bolt, at the edge",
        _slow(0.03),
        seconds=40,
        pending=325,
        timeout=10,
        at_edge=True,
    ),
    Scenario(
        "a-400",
        "one slow bolt, over the edge",
        _slow(0.03),
        seconds=60,
        pending=400,
        timeout=10,
    ),
    Scenario("b-chain", "two slow bolts in a row", _chain(), seconds=40, pending=300),
    Scenario(
        "c-p2w1",
        "two tasks, one worker",
        _slow(0.02, p=2),
        pending=200,
        lines=LINES,
        known=[
            Known(
                ["emitted", "acked", "executed"],
                "the machine was busy from second 11 to 14, and both tasks did half as much",
                ["2.8.3"],
                within=0.03,
            ),
        ],
    ),
    Scenario(
        "c-p2w2",
        "two tasks, two workers",
        _slow(0.02, p=2),
        pending=200,
        workers=2,
        lines=LINES,
        known=[
            Known(
                ["acked", "executed"],
                "the machine stood still in seconds 4 and 5",
                ["1.2.4"],
                within=0.03,
            ),
        ],
    ),
    Scenario(
        "c-local",
        "four tasks, two workers, local-or-shuffle",
        _slow(0.02, p=4, inputs={"rows": "local-or-shuffle"}),
        pending=200,
        workers=2,
        lines=LINES,
    ),
    Scenario(
        "c-fields",
        "fields grouping, 8 rows of 10 with one key",
        _slow(0.01, p=4, inputs={"rows": "key"}),
        spouts={"rows": Rows(hot=8)},
        seconds=30,
        pending=400,
        lines=LINES,
    ),
    Scenario(
        "d-fan",
        "to a fast and to a slow bolt",
        {"fast": Sleepy(0.005), "slow": Sleepy(0.04)},
        seconds=30,
        pending=200,
    ),
    Scenario(
        "e-free",
        "no limit of pending tuples",
        _slow(0.03),
        seconds=55,
        timeout=20,
    ),
    Scenario(
        "e-1024",
        "no limit of pending tuples, a receive queue of 1024",
        _slow(0.03),
        timeout=60,
        conf={"topology.executor.receive.buffer.size": 1024},
        simulated={"1.2.4": 5},
        lines=("2.8.3", "1.2.4"),
        known=[
            Known(
                ["emitted"],
                "a JVM that has just begun needs 0.13 ms for a row, so that the bolt's child had read fewer rows ahead",
                ["2.8.3"],
                within=0.12,
            ),
            Known(
                ["emitted"],
                "nothing holds the spout back: it is as fast as its machine, which was slower than 0.06 ms a row",
                ["1.2.4"],
                within=1.0,
            ),
        ],
    ),
    Scenario(
        "f-ticks",
        "a tick each second behind a queue",
        _slow(0.02, tick=1),
        seconds=40,
        pending=500,
        timeout=60,
        lines=LINES,
    ),
    Scenario(
        "f-batch",
        "a batching bolt, as much as may be pending",
        {"batch": Sleepy(0.005, kind="Batcher", tick=1)},
        seconds=45,
        pending=1000,
    ),
    Scenario(
        "h-retry",
        "a fifth fails, with room for retries",
        _slow(0.01, fails=5),
        spouts={"rows": Rows(rate=60)},
        seconds=35,
        pending=200,
    ),
    Scenario(
        "i-stall",
        "33 s in process, with the default subprocess timeout",
        _slow(0.01, tick=1, stall_at=50, stall=33),
        spouts={"rows": Rows(rate=10)},
        seconds=60,
        lines=LINES,
        known=[
            Known(
                ["ticks"],
                "Storm's log was lost, so it is not known from when it counts ticks",
                ["1.2.4"],
            ),
        ],
    ),
    Scenario(
        "i-stall-120",
        "33 s in process, with a subprocess timeout of 120 s",
        _slow(0.01, tick=1, stall_at=50, stall=33),
        spouts={"rows": Rows(rate=10)},
        seconds=60,
        conf={"topology.subprocess.timeout.secs": 120},
    ),
    Scenario(
        "i-stall-3",
        "33 s in process, with a subprocess timeout of 3 s",
        _slow(0.01, tick=1, stall_at=50, stall=33),
        spouts={"rows": Rows(rate=10)},
        seconds=30,
        conf={"topology.subprocess.timeout.secs": 3},
        lines=("2.8.3", "1.2.4"),
    ),
    Scenario(
        "j-sleepy",
        "a spout that sleeps 0.5 s in next_tuple",
        {"fast": Sleepy(0.01, tick=1)},
        spouts={"rows": Rows(pause=0.5)},
    ),
    Scenario(
        "j-block",
        "a spout that sleeps 14 s in next_tuple, with a timeout of 5 s",
        {"fast": Sleepy(0.01)},
        spouts={"rows": Rows(pause=14)},
        seconds=45,
        timeout=5,
    ),
    Scenario(
        "k-pool",
        "four threads, acks 50 ms later",
        {"pool": Sleepy(0.05, kind="Pool")},
        pending=500,
    ),
    Scenario(
        "n-slow60",
        "a healthy bolt of 60 ms with a queue: heartbeats wait in the pipe",
        _slow(0.06),
        seconds=45,
        pending=2500,
        timeout=600,
        lines=("0.9.4",),
    ),
    Scenario(
        "a-340",
        "one slow bolt, just over the edge",
        _slow(0.03),
        seconds=45,
        pending=340,
        timeout=10,
        at_edge=True,
    ),
    Scenario(
        "b-melt",
        "two slow bolts in a row, meltdown",
        _chain(),
        seconds=45,
        pending=800,
        timeout=10,
    ),
    Scenario(
        "c-p4w2",
        "four tasks, two workers",
        _slow(0.02, p=4),
        pending=200,
        workers=2,
        lines=LINES,
        known=[
            Known(
                ["acked", "executed"],
                "the processes of one worker were ready 3.4 s after the others, which soon had no more rows; so "
                "the times for a tuple are too long",
                ["0.9.4"],
                within=0.03,
            ),
        ],
    ),
    Scenario(
        "f-batch-rate",
        "a batching bolt, half busy",
        {"batch": Sleepy(0.005, kind="Batcher", tick=1)},
        spouts={"rows": Rows(rate=100)},
        seconds=30,
    ),
    Scenario(
        "g-burst",
        "500 rows at once, then 20 a second",
        _slow(0.02),
        spouts={"rows": Rows(burst=500, rate=20)},
        seconds=35,
        timeout=60,
    ),
    Scenario(
        "h-storm",
        "a fifth fails, without room for retries",
        _slow(0.01, fails=5),
        spouts={"rows": Rows(rate=95)},
        seconds=35,
        pending=200,
    ),
    Scenario(
        "l-two",
        "a fast and a slow spout, one slow bolt",
        _slow(0.01, inputs={"rush": "shuffle", "drip": "shuffle"}),
        spouts={"rush": Rows(), "drip": Rows(rate=5)},
        seconds=30,
        pending=200,
    ),
    Scenario(
        "m-over",
        "a fifth more than the bolt can take, no limit of pending tuples",
        _slow(0.03),
        spouts={"rows": Rows(rate=40)},
        seconds=70,
        timeout=10,
    ),
    Scenario(
        "b-late",
        "two slow bolts in a row, over the edge",
        _chain(),
        seconds=45,
        pending=400,
        timeout=10,
    ),
    Scenario(
        "c-fields-even",
        "fields grouping, each row with another key",
        _slow(0.02, p=4, inputs={"rows": "key"}),
        pending=200,
    ),
    Scenario(
        "c-fields-late",
        "fields grouping, 8 rows of 10 with one key, over the edge",
        _slow(0.02, p=4, inputs={"rows": "key"}),
        spouts={"rows": Rows(hot=8)},
        seconds=45,
        pending=700,
        timeout=10,
    ),
    Scenario(
        "d-fan-p3",
        "to a fast and to a slow bolt, which has three tasks",
        {"fast": Sleepy(0.005), "slow": Sleepy(0.04, p=3)},
        seconds=30,
        pending=200,
    ),
    Scenario(
        "d-fan-melt",
        "to a fast and to a slow bolt, meltdown",
        {"fast": Sleepy(0.005), "slow": Sleepy(0.04)},
        seconds=45,
        pending=600,
        timeout=10,
    ),
    Scenario(
        "f-ticks-p2",
        "two tasks, and a tick each two seconds behind their queues",
        _slow(0.02, p=2, tick=2),
        seconds=30,
        pending=200,
    ),
    Scenario(
        "f-ticks-idle",
        "a tick each second, and a bolt that is half busy",
        _slow(0.02, tick=1),
        spouts={"rows": Rows(rate=25)},
    ),
    Scenario(
        "f-batch-p2",
        "two tasks of a batching bolt",
        {"batch": Sleepy(0.004, kind="Batcher", tick=1, p=2)},
        seconds=30,
        pending=400,
    ),
    Scenario(
        "h-half",
        "each second tuple fails, as fast as it goes",
        _slow(0.02, fails=2),
        seconds=30,
        pending=50,
    ),
    Scenario(
        "j-two",
        "two tasks of a spout that sleep 20 ms in next_tuple",
        _slow(0.015),
        spouts={"rows": Rows(pause=0.02, p=2)},
        seconds=30,
        pending=100,
    ),
    Scenario(
        "k-late",
        "four threads, over the edge",
        {"pool": Sleepy(0.05, kind="Pool")},
        seconds=45,
        pending=1000,
        timeout=10,
    ),
    Scenario(
        "k-p2",
        "two tasks of four threads each",
        {"pool": Sleepy(0.1, kind="Pool", p=2)},
        pending=300,
    ),
    Scenario(
        "l-even",
        "two spouts without end, one slow bolt",
        _slow(0.02, inputs=_BOTH),
        spouts={"left": Rows(), "right": Rows()},
        seconds=30,
        pending=100,
        as_one=True,
    ),
    Scenario(
        "l-late",
        "two spouts without end, one slow bolt, over the edge",
        _slow(0.03, inputs=_BOTH),
        spouts={"left": Rows(), "right": Rows()},
        seconds=45,
        pending=200,
        timeout=10,
        as_one=True,
    ),
    Scenario(
        "n-all",
        "all grouping, three tasks",
        _slow(0.02, p=3, inputs={"rows": "all"}),
        seconds=30,
        pending=100,
        lines=LINES,
    ),
    Scenario(
        "n-all-w2",
        "all grouping, three tasks, two workers",
        _slow(0.02, p=3, inputs={"rows": "all"}),
        seconds=30,
        pending=100,
        workers=2,
    ),
    Scenario(
        "n-all-late",
        "all grouping, two tasks, over the edge",
        _slow(0.03, p=2, inputs={"rows": "all"}),
        seconds=45,
        pending=400,
        timeout=10,
    ),
    Scenario(
        "o-loose",
        "a slow bolt behind a fast one that does not anchor",
        _unanchored(0.01, 0.04),
        seconds=40,
        pending=100,
        lines=LINES,
    ),
    Scenario(
        "o-loose-rate",
        "no anchor, and no more rows than the slow bolt can take",
        _unanchored(0.01, 0.04),
        spouts={"rows": Rows(rate=20)},
        seconds=30,
    ),
    Scenario(
        "o-loose-late",
        "the bolt that does not anchor is the slow one, over the edge",
        _unanchored(0.03, 0.01),
        seconds=45,
        pending=400,
        timeout=10,
    ),
    Scenario(
        "p-tell",
        "a spout that sleeps 20 ms in ack, a fast bolt",
        _slow(0.005),
        spouts={"rows": Rows(tell=0.02)},
        seconds=30,
        pending=20,
        lines=LINES,
    ),
    Scenario(
        "p-tell-slow",
        "a spout that sleeps 10 ms in ack, a slow bolt",
        _slow(0.02),
        spouts={"rows": Rows(tell=0.01)},
        seconds=30,
        pending=100,
    ),
    Scenario(
        "p-tell-late",
        "a spout that sleeps 20 ms in ack and fail, a slow bolt, over the edge",
        _slow(0.03),
        spouts={"rows": Rows(tell=0.02)},
        seconds=45,
        pending=400,
        timeout=10,
    ),
    Scenario(
        "q-three",
        "a bolt that emits three for one, and a slow bolt",
        _three(),
        seconds=30,
        pending=100,
        lines=LINES,
    ),
    Scenario(
        "q-three-p2",
        "a bolt that emits three for one, and two tasks of a slow bolt",
        _three(p=2),
        seconds=30,
        pending=100,
    ),
    Scenario(
        "q-three-late",
        "a bolt that emits three for one, and a slow bolt, over the edge",
        _three(),
        seconds=45,
        pending=400,
        timeout=10,
    ),
    Scenario(
        "r-two",
        "two tasks of a spout and of a bolt, two workers",
        _slow(0.02, p=2),
        spouts={"rows": Rows(p=2)},
        pending=100,
        workers=2,
    ),
    Scenario(
        "r-two-w1",
        "two tasks of a spout, three of a bolt, one worker",
        _slow(0.03, p=3),
        spouts={"rows": Rows(p=2)},
        pending=100,
    ),
    Scenario(
        "r-two-late",
        "two tasks of a spout, one slow bolt, over the edge",
        _slow(0.03),
        spouts={"rows": Rows(p=2)},
        seconds=45,
        pending=200,
        timeout=10,
        known=[
            Known(
                ["failed"],
                "the machine was busy from second 21 to 26, and the bolt did 30 rows a second, not 33",
                within=0.03,
            ),
        ],
    ),
    Scenario(
        "s-join",
        "a faster and a slower bolt, and one that joins them",
        _diamond(),
        seconds=30,
        pending=100,
    ),
    Scenario(
        "s-join-p2",
        "a faster bolt and two tasks of a slower one, and one that joins them",
        _diamond(p=2),
        seconds=30,
        pending=100,
    ),
    Scenario(
        "s-join-late",
        "a faster and a slower bolt, and one that joins them, over the edge",
        _diamond(),
        seconds=45,
        pending=480,
        timeout=10,
    ),
    _shop("shop-as-is", "examples/load, as it is", seconds=45, workers=2, pending=1000, timeout=10),
    _shop(
        "shop-300", "examples/load, fewer pending", seconds=45, workers=2, pending=300, timeout=10
    ),
    _shop("shop-p2", "examples/load, :p 2", seconds=45, workers=2, pending=1000, timeout=10, p=2),
    _shop(
        "shop-p2w1", "examples/load, :p 2 and one worker", seconds=45, pending=1000, timeout=10, p=2
    ),
    _shop("shop-below", "examples/load, 5 % less than it holds", seconds=50, rate=31.7),
    _shop("shop-above", "examples/load, 5 % more than it holds", seconds=50, rate=35.0),
    _words("words-below", "examples/wordcount, 5 % less than it holds", rate=50.7),
    _words("words-above", "examples/wordcount, 5 % more than it holds", rate=56.0),
)


#: The shape of a topology, by how the names of its scenarios begin.
SHAPES: Mapping[str, str] = {
    "a": "a spout, one slow bolt",
    "b": "two bolts in a row, the second slower",
    "c": "a shuffle to several tasks",
    "c-fields": "a fields grouping to four tasks",
    "d": "a fan-out to a fast and a slow bolt",
    "e": "a spout without a limit of pending tuples, one slow bolt",
    "f-ticks": "a slow bolt with ticks",
    "f-batch": "a batching bolt",
    "g": "a spout with a burst, one slow bolt",
    "h": "a bolt that fails tuples, which are emitted again",
    "i": "a bolt that stands still for 33 s",
    "j": "a slow spout",
    "k": "a bolt with threads",
    "l": "two spouts, one slow bolt",
    "m": "a spout with a rate, one slow bolt",
    "n-all": "an all grouping to several tasks",
    "n-slow60": "a spout, one slow bolt",
    "o": "a bolt that does not anchor, and one behind it",
    "p": "a spout whose acks take time",
    "q": "a bolt that emits three tuples for one, and one behind it",
    "r": "several tasks of a spout",
    "s": "two bolts side by side, and one that joins them",
    "shop": "`examples/load`: a shuffle and a fields grouping side by side",
    "words": "`examples/wordcount`: a fields grouping to two tasks",
}


def shape_of(name: str) -> str:
    """The shape of the topology of a scenario."""
    fitting = [each for each in SHAPES if f"{name}-".startswith(f"{each}-")]
    return SHAPES[max(fitting, key=len)]


def scenario(name: str) -> Scenario:
    """The scenario of this name."""
    return next(each for each in SCENARIOS if each.name == name)

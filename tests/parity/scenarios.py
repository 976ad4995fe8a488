"""The scenarios: what runs, on which Storms, what of it is compared, and what is left open and why.

A scenario runs once on every line of Storm and once in a simulation of each. Its topology and components are in
``project/``, finite, and say themselves when they are over. ``compared`` names views (``views.py``); what Storm fixes
is compared as it stands, what it leaves open as a multiset, with the reason in ``open``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support.storm_lines import VERSIONS

PROJECT = Path(__file__).parent / "project"

#: What every scenario is submitted with; its own settings come on top.
BASE: Mapping[str, object] = {
    "topology.workers": 1,
    "topology.acker.executors": 1,
    "topology.message.timeout.secs": 30,
    "topology.debug": False,
}


def before(version: str) -> list[str]:
    """The recorded versions that are older."""
    return [each for each in VERSIONS if _numbers(each) < _numbers(version)]


def since(version: str) -> list[str]:
    """This version and the newer ones, of those that are recorded."""
    return [each for each in VERSIONS if _numbers(each) >= _numbers(version)]


def _numbers(version: str) -> list[int]:
    return [int(each) for each in version.split(".")]


ORDER = "Storm promises no order between different sources at a bolt"
CHOICE = "a shuffle may choose any task"
MOMENT = "Storm does not fix when an ack arrives between two turns of a spout"


@dataclass(frozen=True)
class Deviation:
    """A difference that is known: the views in which it shows, on which lines, and why.

    ``kind`` is "intended" where the simulator is stricter or simpler on purpose, "defect" where it is wrong.
    """

    views: Sequence[str]
    why: str
    lines: Sequence[str] = ()
    kind: Literal["intended", "defect"] = "intended"


@dataclass(frozen=True)
class Scenario:
    """One thing to run on both sides.

    Attributes:
        about: what it is about, in a few words.
        topology: the file's name.
        compared: views to be equal; with a trailing ``~`` as multisets.
        open: why something is compared as a multiset, or not at all.
        conf: settings on top of ``BASE``.
        seconds: of virtual time for the simulation.
        ticks: it has ticks or timers: quiet is not the end of it, and ``seconds`` is.
        linger_ms: how long the real one is left alone once its spouts are through.
        deadline_ms: of the real one, whatever happens, if it is ``alone``; the others are over only when they are.
        alone: it ends its worker, and so runs when all others are through.
        processes: the simulator needs processes for it, not objects.
        markers: how many spout tasks say when they are through.
        acts: what is done to it then: ("deactivate" or "activate", ms to wait).
        strict: as of the simulation.
        restarts: a worker that dies is started again.
        lines: the Storms on which it makes sense; all when empty.
        deviations: what is known to differ; it has to differ.
    """

    name: str
    about: str
    topology: str
    compared: Sequence[str]
    open: Sequence[str] = ()
    conf: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 60
    ticks: bool = False
    linger_ms: int = (
        4000  # on a busy machine a bolt's process is there that much later than its spout's
    )
    deadline_ms: int = 60_000
    alone: bool = False
    processes: bool = False
    markers: int = 1
    acts: Sequence[tuple[str, int]] = ()
    strict: bool = True
    restarts: bool = False
    lines: Sequence[str] = ()
    deviations: Sequence[Deviation] = ()

    @property
    def path(self) -> Path:
        return PROJECT / "topologies" / f"{self.topology}.clj"

    def whole_conf(self) -> dict[str, object]:
        """What it is submitted with."""
        return {**BASE, **self.conf}

    def runs_on(self, version: str) -> bool:
        """Whether it runs on this line."""
        return not self.lines or version in self.lines

    def known(self, version: str) -> list[Deviation]:
        """What is known to differ on this line."""
        return [each for each in self.deviations if not each.lines or version in each.lines]


#: Known differences that show in several scenarios.
HUNG = Deviation(
    ["end"],
    "0.9.4 waits for the end of the component's stderr before it lets the worker die, and so hangs for as long as the "
    "component lives; the simulator reports at once what the worker would die of",
    lines=["0.9.4"],
)


ACKED = ("tasks", "placed", "outcomes", "settled")

SPREAD = tuple(
    Scenario(
        f"grouping-{kind}",
        f"{kind} grouping over 1, 2, 3 and 5 tasks",
        kind,
        compared=compared,
        open=open_,
    )
    for kind, compared, open_ in (
        ("shuffle", ("tasks", "context", "got", "got-any", "outcomes"), [CHOICE]),
        ("local-or-shuffle", ("tasks", "context", "got", "got-any", "outcomes"), [CHOICE]),
        ("none", ("tasks", "context", "got", "outcomes"), [CHOICE]),
        ("all", (*ACKED, "context", "received", "replies"), ()),
        ("global", (*ACKED, "context", "received", "replies"), ()),
    )
)

#: What a bolt says that is no more than odd: Storm goes on, and so does the bolt.
ODD_WORDS = {
    "unknown-command": "a command that Storm does not know",
    "too-wide-unheard": "too many values on a stream without subscribers",
    "one-anchor-text": "one anchor as a string, not a list",
    "extra-sync": "an additional sync",
    "pretty": "a message over several lines",
    "duplicate-key": "a duplicate key",
    "emit-id": "a bolt's emit with a message id",
}

#: What a bolt says and its worker dies of.
LAST_WORDS = {
    "ack-unknown": "an ack of an unknown id",
    "fail-unknown": "a fail of an unknown id",
    "ack-twice": "a second ack (S7)",
    "fail-acked": "a fail of an acked tuple (S7)",
    "anchor-acked": "an anchor that has been acked",
    "anchor-unknown": "an anchor that is not a tuple",
    "number-id": "an id that is a number",
    "no-command": "a message without a command",
    "not-json": "a message that is not JSON",
    "bare-word": "a message that is a bare word",
    "empty": "an empty message",
    "list": "a message that is a list",
    "no-tuple": "an emit without values",
    "scalar-tuple": "an emit whose values are not a list",
    "metrics": "an unregistered metric",
    "undeclared": "an emit on an undeclared stream (S15)",
    "too-wide": "too many values (S16)",
    "too-narrow": "too few values",
    "regular-to-direct": "a regular emit on a direct stream (S17)",
    "direct-to-shuffle": "a direct emit to a task that is not subscribed :direct",
    "second-pid": "its pid again",
    "half-json": "text after the JSON",
    "log-number": "a log message that is a number",
    "exit": "an ack, then it exits (S22)",
}

WORDED_OTHERWISE: Mapping[str, Sequence[Deviation]] = {
    "extra-sync": [
        Deviation(
            ["outcomes", "settled"],
            "a sync does not say what it answers: the simulator refuses an additional one; when it is not strict, it "
            "takes it for the answer to its heartbeat and reads the rest later",
        )
    ],
}

SAID = tuple(
    Scenario(
        f"says-{what}",
        f"a bolt sends: {about}",
        "says",
        conf={"my.says": what},
        compared=["words"] if what in LAST_WORDS else ["placed", "outcomes", "settled", "words"],
        alone=what in LAST_WORDS,
        strict=False,
        deviations=[
            *WORDED_OTHERWISE.get(what, ()),
            *([HUNG] if what in LAST_WORDS and what not in ("exit", "undeclared") else ()),
        ],
    )
    for what, about in {**ODD_WORDS, **LAST_WORDS}.items()
)

SPOUT_WORDS = tuple(
    Scenario(
        f"spout-{what}",
        f"a spout {about}",
        "one-bolt",
        conf={
            "my.spout": what,
            "my.spout.class": "scripted.spouts.Speaks",
            "my.class": "scripted.bolts.Pass",
        },
        deadline_ms=25_000,  # one that hangs never says that it is through
        compared=["words"],
        alone=True,
        deviations=[
            *([HUNG] if what in ("bogus", "ack", "error") else ()),
        ],
    )
    for what, about in {
        "bogus": "sends an unknown command (S18)",
        "ack": "acks",
        "error": "reports an error (P11)",
        "exit": "exits",
        "raise": "raises",
    }.items()
)

#: Where Java's own serialization is allowed unless the topology says otherwise.
JAVA_SERIALIZES = [*before("1.2.4"), "2.0.0"]
NOT_IN_JAVA = [version for version in VERSIONS if version not in JAVA_SERIALIZES]

#: Values on their way to another worker, where Kryo has to know them, or Java's own serialization to be allowed.
FAR = tuple(
    Scenario(
        f"far-{name}",
        f"to another worker: {about} (S24)",
        "all",
        conf={"topology.workers": 2, "my.class": "scripted.spouts.Given", "my.values": values},
        compared=["words"] if name.endswith("-dies") else [*ACKED, "texts"],
        alone=name.endswith("-dies"),
        lines=lines,
    )
    for name, about, values, lines in (
        ("plain", "plain values", '["str", 7, -7, 2.5, true, null]', ()),
        ("float", "a long float", "[0.30000000000000004]", before("2.6.0")),
        (
            "float-dies",
            "a long float, a BigDecimal from 2.6 on",
            "[0.30000000000000004]",
            since("2.6.0"),
        ),
        ("nested", "a list and a map", '[[1, "x"], {"a": [1]}]', JAVA_SERIALIZES),
        ("list-dies", "a list", '[[1, "x"]]', NOT_IN_JAVA),
        ("map-dies", "a map", '[{"a": [1]}]', NOT_IN_JAVA),
    )
)

#: Mistakes in a topology file or its settings that a Storm refuses, or should.
MISTAKES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "bad-same-id": ("a bolt with the id of a spout", {}),
    "bad-system-id": ("an id that begins with __", {}),
    "bad-system-stream": ("a stream that begins with __", {}),
    "bad-source": ("a source that does not exist", {}),
    "bad-stream": ("a stream that does not exist", {}),
    "bad-field": ("a field that does not exist", {}),
    "bad-fields-twice": ("the same field twice", {}),
    "bad-parallelism": (":p 0", {}),
    "bad-grouping": ("an unknown grouping", {}),
    "bad-grouping-text": ("a grouping that is a string", {}),
    "bad-id": ("an id that is not a string", {}),
    "bad-outputs": ("nil as outputs", {}),
    "bad-keyword": ("a keyword without a value", {}),
    "bad-command": ("a command that is not a list", {}),
    "bad-shape": ("one map instead of two", {}),
    "bad-symbol": ("an undefined symbol", {}),
    "bad-workers": ("topology.workers is not a number", {"topology.workers": "two"}),
    "bad-timeout": ("topology.message.timeout.secs 0", {"topology.message.timeout.secs": 0}),
    "bad-debug": ("topology.debug is not a boolean", {"topology.debug": "yes"}),
    "bad-tick": (
        "topology.tick.tuple.freq.secs is a string",
        {"topology.tick.tuple.freq.secs": "2"},
    ),
}

#: Mistakes that some lines take, and what becomes of them.
STRICTER: Mapping[str, Sequence[tuple[Sequence[str], str]]] = {
    "bad-parallelism": [(before("0.10.0"), "0.9 accepts :p 0 and makes a component without tasks")],
    "bad-timeout": [
        (
            before("1.0.0"),
            "up to 0.10 a timeout of 0 is not checked, and every tuple fails at once",
        )
    ],
}

REFUSED = tuple(
    Scenario(
        name,
        f"refused: {about}",
        name if (PROJECT / "topologies" / f"{name}.clj").is_file() else "ids",
        conf={"my.class": "scripted.spouts.Numbers", **conf},
        compared=[],
        deviations=[Deviation(["end"], why, lines=lines) for lines, why in STRICTER.get(name, ())],
    )
    for name, (about, conf) in MISTAKES.items()
)

SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "words",
        "task ids, handshake, fields grouping, order of the replies with task ids (S1, S3)",
        "words",
        compared=[*ACKED, "context", "conf", "life", "received", "replies", "texts"],
        deviations=[
            Deviation(
                ["context"],
                "the streams default and other share a bucket of Java's map; only 0.10 lists the one declared last "
                "first",
                lines=["0.10.2"],
                kind="defect",
            )
        ],
    ),
    Scenario(
        "keys",
        "fields grouping of every kind of JSON value over 1, 2, 3 and 5 tasks",
        "keys",
        conf={"my.class": "scripted.spouts.Keys"},
        compared=[*ACKED, "replies", "texts"],
    ),
    Scenario(
        "keys-literals",
        "fields grouping of floats in different notations",
        "keys",
        conf={"my.class": "scripted.spouts.Literals"},
        compared=[*ACKED, "replies", "texts"],
    ),
    Scenario(
        "keys-huge",
        "integers beyond 64 bits, NaN and infinities, which 2.6 and later can read",
        "keys",
        conf={"my.class": "scripted.spouts.HugeKeys"},
        strict=False,
        compared=[*ACKED, "replies", "texts"],
        lines=since("2.6.0"),
    ),
    Scenario(
        "pairs",
        "fields grouping on either of two fields, on both, and on both in reverse order",
        "pairs",
        compared=[*ACKED, "context", "replies", "texts"],
    ),
    *SPREAD,
    Scenario(
        "fan-out",
        "the order of subscribers in a reply (S4)",
        "fan-out",
        compared=[*ACKED, "context", "replies"],
        open=[
            "in fact nothing: count-bolt and log-bolt have one task to choose from, alert-bolt gets every copy"
        ],
    ),
    Scenario(
        "subscribers",
        "the order of thirteen subscribers, for which Java's map grows",
        "subscribers",
        compared=["tasks", "context", "replies", "received"],
    ),
    Scenario(
        "subscribers-eleven",
        "the order of eleven subscribers, some of which share a bucket in one of Java's maps and not in another",
        "subscribers-eleven",
        compared=["tasks", "context", "replies", "received"],
    ),
    Scenario(
        "fates",
        "what a spout is notified of: acks, fails, drops, chains, copies (S5)",
        "fates",
        conf={"topology.message.timeout.secs": 3},
        compared=["tasks", "context", "outcomes", "settled-any", "got", "emitted"],
        open=[
            "a shuffled copy may go to any sink",
            "tuples that time out together fail in any order",
        ],
    ),
    Scenario(
        "joins",
        "a tuple with two anchors decides both roots (S6)",
        "joins",
        compared=[*ACKED, "emitted", "replies"],
    ),
    Scenario(
        "expiry",
        "a tuple times out at the second rotation after its emit (S8)",
        "held",
        conf={"topology.message.timeout.secs": 3},
        compared=["outcomes", "expiries", "settled"],
        open=["tuples that time out together fail in any order"],
    ),
    Scenario(
        "expiry-pair",
        "the same with two tasks in one executor, whose map rotates twice up to 2.7 (S8)",
        "held-pair",
        conf={"topology.message.timeout.secs": 3},
        markers=2,
        compared=["tasks", "outcomes", "expiries"],
    ),
    Scenario(
        "acker-forgets",
        "an ack after more than two message timeouts, where nothing times out: some ackers have forgotten (S8)",
        "held-long",
        conf={
            "topology.message.timeout.secs": 1,
            "topology.enable.message.timeouts": False,
        },
        seconds=9,
        ticks=True,
        linger_ms=9000,
        compared=["tasks", "outcomes", "settled"],
    ),
    Scenario(
        "max-pending",
        "topology.max.spout.pending holds an executor back until tuples time out (S9)",
        "crowd",
        conf={"topology.message.timeout.secs": 3},
        markers=2,
        compared=["tasks", "outcomes", "sequence", "expiries"],
    ),
    Scenario(
        "retry-after-fail",
        "a failed tuple is emitted again, at a later turn",
        "retried",
        conf={"my.class": "scripted.spouts.Retried", "my.fails": True},
        compared=["outcomes", "placed", "settled"],
    ),
    Scenario(
        "retry-inside-fail",
        "a failed tuple is emitted again while the fail is handled",
        "retried",
        conf={"my.class": "scripted.spouts.Hasty", "my.fails": True},
        compared=["outcomes", "placed", "settled", "replies~"],
        open=[MOMENT],
    ),
    Scenario(
        "retry-after-timeout",
        "a tuple that timed out is emitted again",
        "retried",
        conf={"my.class": "scripted.spouts.Retried", "topology.message.timeout.secs": 2},
        compared=["outcomes", "placed", "settled"],
        open=["tuples that time out together fail, and are retried, in any order"],
    ),
    Scenario(
        "no-ackers",
        "without ackers a reliable emit is acked inside the emit (S10)",
        "chain",
        conf={"my.class": "scripted.spouts.Silently", "topology.acker.executors": 0},
        compared=[*ACKED, "context", "life", "commands", "emitted"],
    ),
    Scenario(
        "no-ackers-ids",
        "without ackers, task ids of unreliable tuples",
        "chain",
        conf={"my.class": "scripted.spouts.Mixed", "topology.acker.executors": 0},
        compared=[*ACKED, "commands", "replies"],
    ),
    Scenario(
        "no-ackers-waiting",
        "without ackers, a reliable emit that waits for task ids hangs (S10)",
        "chain",
        conf={
            "my.class": "scripted.spouts.Numbers",
            "topology.acker.executors": 0,
            "topology.subprocess.timeout.secs": 3,
            "supervisor.worker.timeout.secs": 3,
        },
        alone=True,
        deadline_ms=40_000,
        compared=["tasks"],
        lines=since("0.9.7"),  # 0.9.4 waits for ever, and says nothing
    ),
    Scenario(
        "many-ackers",
        "three ackers",
        "chain",
        conf={"my.class": "scripted.spouts.Numbers", "topology.acker.executors": 3},
        compared=[*ACKED, "context", "emitted", "received"],
    ),
    Scenario(
        "lonely",
        "a reliable emit without receivers (S11)",
        "lonely",
        compared=["tasks", "outcomes", "replies", "context"],
        open=[MOMENT],
    ),
    Scenario(
        "ids",
        "message ids of every kind (S12)",
        "ids",
        conf={"my.class": "scripted.spouts.Ids"},
        compared=[*ACKED, "commands~"],
        open=[MOMENT],
    ),
    Scenario(
        "same-id",
        "one message id for three tuples at the same time",
        "ids",
        conf={"my.class": "scripted.spouts.SameId"},
        compared=[*ACKED, "received"],
    ),
    Scenario(
        "ticks",
        "which tasks get ticks, and what a tick contains (S13); acks, fails and emits at a tick",
        "ticking",
        conf={"topology.tick.tuple.freq.secs": 1},
        seconds=6,
        ticks=True,
        linger_ms=6000,
        compared=["tasks", "conf", "ticks", "emitted"],
        open=["how many ticks come, and between which tuples"],
    ),
    Scenario(
        "two-spouts",
        "two spouts, three tasks, the same message ids: each is notified of its own",
        "two-spouts",
        markers=3,
        compared=[*ACKED, "context", "replies", "received"],
    ),
    Scenario(
        "diamond",
        "two paths from a spout to a bolt",
        "diamond",
        compared=[*ACKED, "context", "emitted~"],
        open=[ORDER],
    ),
    Scenario(
        "loops",
        "a bolt that subscribes to itself and counts down to zero",
        "loops",
        compared=[*ACKED, "context", "emitted~"],
        open=[ORDER],
    ),
    Scenario(
        "levels",
        "three levels of fan-out: one tree of 13 tuples",
        "levels",
        compared=[*ACKED, "replies~", "emitted~"],
        open=[ORDER],
    ),
    Scenario(
        "loose",
        "an unanchored branch has no effect on the root; the anchored one fails",
        "loose",
        compared=[*ACKED, "emitted", "replies"],
    ),
    Scenario(
        "batches",
        "BatchingBolt: batches at the fourth tick, anchored to all of their tuples",
        "batches",
        conf={"my.class": "scripted.bolts.Batches"},
        seconds=10,
        ticks=True,
        compared=["tasks", "conf", "outcomes", "emitted", "got", "settled-any"],
        open=["how many ticks come"],
    ),
    Scenario(
        "timed-batches",
        "TicklessBatchingBolt: batches by its own timer",
        "batches",
        conf={"my.class": "scripted.bolts.Timed"},
        seconds=10,
        ticks=True,
        compared=["tasks", "outcomes", "emitted", "got", "settled-any"],
        open=["how many ticks come"],
    ),
    Scenario(
        "streams",
        "named streams, one without fields, one without subscribers; several from one source",
        "streams",
        compared=[*ACKED, "context", "replies", "emitted", "texts~"],
        open=[ORDER],
    ),
    Scenario(
        "direct",
        "direct streams (S17)",
        "direct",
        compared=[*ACKED, "context", "texts"],
        lines=before("2.6.0"),
    ),
    Scenario(
        "direct-dies",
        "any direct emit kills its worker from 2.6 on (P3)",
        "direct",
        compared=["words"],
        alone=True,
        lines=since("2.6.0"),
    ),
    Scenario(
        "polyglot",
        "components in bash and JavaScript",
        "polyglot",
        processes=True,
        compared=[*ACKED, "context", "emitted", "received"],
    ),
    Scenario(
        "odd-values",
        "values that are hard to print as JSON, and large values",
        "one-bolt",
        conf={"my.spout.class": "scripted.spouts.Odd", "my.class": "scripted.bolts.Pass"},
        compared=[*ACKED, "texts", "replies"],
    ),
    Scenario(
        "prints",
        "print, os.write and the output of a child process do not reach the protocol",
        "one-bolt",
        conf={"my.class": "scripted.bolts.Prints"},
        processes=True,
        compared=[*ACKED, "emitted", "replies"],
    ),
    Scenario(
        "reports-errors",
        "an error message is reported, and the component goes on (S19)",
        "one-bolt",
        conf={"my.class": "scripted.bolts.Errs"},
        compared=[*ACKED],
    ),
    Scenario(
        "reports-errors-by-hand",
        "the same from a component that sends the message itself",
        "one-bolt",
        conf={"my.class": "scripted.bolts.ErrsByHand"},
        compared=[*ACKED],
    ),
    Scenario(
        "log-levels",
        "levels of a bolt's and a spout's log messages (S19)",
        "one-bolt",
        conf={"my.spout.class": "scripted.spouts.Logs", "my.class": "scripted.bolts.Logs"},
        compared=["outcomes", "logged"],
        deviations=[
            Deviation(
                ["logged"],
                "2.6.0 to 2.8.0 look for a Long where their JSON library makes an Integer, and so log everything as "
                "INFO; the simulator shows levels as they were sent",
                lines=["2.7.1"],
            )
        ],
    ),
    Scenario(
        "ids-and-tuples",
        "a bolt waits for task ids while tuples arrive (S21)",
        "one-bolt",
        conf={"my.spout.class": "scripted.spouts.Bursts", "my.class": "scripted.bolts.Twice"},
        compared=[*ACKED, "replies", "emitted", "received"],
    ),
    Scenario(
        "numbers-of-tasks",
        "more tasks than executors, fewer tasks, and a limit (S25)",
        "numbers-of-tasks",
        markers=3,
        compared=[*ACKED, "context", "conf"],
    ),
    Scenario(
        "two-workers",
        "two workers: placement changes neither ids nor keys nor trees",
        "chain",
        conf={"my.class": "scripted.spouts.Numbers", "topology.workers": 2},
        compared=[*ACKED, "context", "emitted", "received"],
    ),
    Scenario(
        "two-workers-shuffle",
        "shuffle grouping over two workers: which tasks get tuples",
        "shuffle",
        conf={"topology.workers": 2},
        compared=["tasks", "got-any", "outcomes"],
        open=[CHOICE],
    ),
    Scenario(
        "two-workers-local",
        "local-or-shuffle grouping over two workers: which tasks get tuples",
        "local-or-shuffle",
        conf={"topology.workers": 2},
        compared=["tasks", "got-any", "outcomes"],
        open=[CHOICE],
    ),
    Scenario(
        "deactivated",
        "deactivated and activated again (S14)",
        "chain",
        conf={"my.class": "scripted.spouts.Numbers"},
        acts=[("deactivate", 12_000), ("activate", 4000)],
        compared=["switches", "outcomes"],
    ),
    Scenario(
        "a-bolt-raises",
        "an exception in a bolt: error, sync, fail, and the end of the process",
        "one-bolt",
        conf={"my.spout.class": "scripted.spouts.Paced", "my.class": "scripted.bolts.Raises"},
        compared=["parting", "settled"],
        alone=True,
    ),
    Scenario(
        "a-bolt-raises-quietly",
        "the same without auto_fail",
        "one-bolt",
        conf={
            "my.spout.class": "scripted.spouts.Paced",
            "my.class": "scripted.bolts.RaisesQuietly",
        },
        compared=["parting"],
        alone=True,
    ),
    Scenario(
        "good-odd-ids",
        "ids with spaces, dots, colons and accents are accepted",
        "good-odd-ids",
        compared=[*ACKED, "context", "replies"],
    ),
    Scenario("good-float-p", ":p 2.7 is two", "good-float-p", compared=[*ACKED, "replies"]),
    Scenario(
        "good-hint",
        ":parallelism-hint is :p, and unknown keywords are ignored",
        "good-hint",
        compared=[*ACKED, "replies"],
    ),
    Scenario(
        "good-nested-id",
        "the same stream named in two ways: the later one counts",
        "good-nested-id",
        compared=[*ACKED, "context", "replies"],
    ),
    Scenario(
        "good-plain",
        "a topology that is not a function, and both forms of a command",
        "good-plain",
        processes=True,
        compared=[*ACKED, "context", "emitted", "replies"],
    ),
    Scenario(
        "bad-field-of-another-stream",
        "a field that only another stream of the source has",
        "bad-field-of-another-stream",
        compared=[],
        alone=True,
        deviations=[
            Deviation(
                ["end"],
                "2.x looks for a field in all streams of the source together, and the emitter dies later "
                "(zz does not exist); the simulator refuses it, as versions up to 1.x do",
                lines=since("2.0.0"),
            )
        ],
    ),
    *FAR,
    *SAID,
    *SPOUT_WORDS,
    *REFUSED,
)


def scenario(name: str) -> Scenario:
    """The scenario of this name."""
    return next(each for each in SCENARIOS if each.name == name)

"""A planted bug and its correct twin, as data: one topology, the rows, and what has to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamparse.testing import RunningTopology, Storm
from tests.planted import outside

TOPOLOGIES = Path(__file__).parent / "topologies"
RETRIES = 20  # of a row that has failed: more than any twin needs

Rows = Sequence[Sequence[Any]]
Classes = Mapping[str, type]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A topology that is wrong in one place, and right in its twin.

    Attributes:
        name: of the pair, in a few words.
        bug: what the wrong side does, in one sentence.
        clj: the file of the topology, in ``topologies``.
        wrong, right: the classes of its components by id, in place of those that the file names.
        wrong_clj: the file of the wrong side, where the bug is in the topology.
        conf: settings of the topology.
        wrong_conf: settings of the wrong side, over ``conf``, where the bug is a setting.
        component_conf: settings of components by id: the ticks.
        storm_version: the Storm version that it is for; None: the newest.
        work: how long components are busy, by id.
        rows: by spout, what is fed in its place, again and again while it fails.
        topic: the rows that the spouts read which are not fed.
        before: what a test does with the topology before it runs it to the end.
        after_seconds: the virtual seconds that a test waits then, for what is done after the last ack.
        result: the result of a run; mostly what is stored outside.
        expected: the value of the result, in every run.
        holds: further assertions of a test; they may depend on faults and so are no part of the result.
        faults: the kinds that a test asks for; None: those that ``explore`` has by default.
        begin: makes the state of modules and classes what it is in a new process; called once, before all runs.
        exactly_once: faults do not change the result; else there may be more of it.
    """

    name: str
    bug: str
    clj: str
    wrong: Classes = field(default_factory=dict)
    right: Classes = field(default_factory=dict)
    wrong_clj: str = ""
    conf: Mapping[str, object] = field(default_factory=dict)
    wrong_conf: Mapping[str, object] = field(default_factory=dict)
    component_conf: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    storm_version: str | None = None
    work: Mapping[str, object] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    topic: Rows = ()
    before: Callable[[RunningTopology], object] | None = None
    after_seconds: float = 0
    result: Callable[[RunningTopology], Any]
    expected: object
    holds: Callable[[RunningTopology], None] | None = None
    faults: Sequence[str] | None = None
    begin: Callable[[], None] | None = None
    exactly_once: bool = True

    def path(self, *, wrong: bool) -> Path:
        """The file of the topology of a side."""
        return TOPOLOGIES / (self.wrong_clj if wrong and self.wrong_clj else self.clj)

    def options(self, *, wrong: bool) -> dict[str, Any]:
        """The arguments of ``storm.topology`` and ``storm.check`` for a side, but for the file."""
        classes = self.wrong if wrong and self.wrong else self.right
        spouts: dict[str, object] = {
            spout: Storm.feed(rows, retries=RETRIES) for spout, rows in self.rows.items()
        }
        bolts: dict[str, type] = {}
        for component, cls in classes.items():
            kind = getattr(cls, "_kind", None)
            (spouts if kind == "spout" else bolts)[component] = cls
        given: dict[str, Any] = {"spouts": spouts, "bolts": bolts}
        conf = {**self.conf, **(self.wrong_conf if wrong else {})}
        for name, value in (
            ("conf", conf),
            ("component_conf", self.component_conf),
            ("work", self.work),
        ):
            if value:
                given[name] = value
        return given

    def reset(self) -> None:
        """Empty what is outside, and put the topic there."""
        outside.clear(self.topic)

    def begin_process(self, directory: Path) -> None:
        """Forget what earlier explorations in this process have left, and have files in this directory."""
        outside.begin(directory)
        if self.begin is not None:
            self.begin()

    def check(self, topology: RunningTopology) -> None:
        """Run a topology to its end and assert what a test would assert.

        Raises:
            AssertionError: it does not hold.
        """
        if self.before is not None:
            self.before(topology)
        topology.complete().advance(self.after_seconds)
        assert self.result(topology) == self.expected
        if self.holds is not None:
            self.holds(topology)

"""The setup of a test: the settings and surroundings with which its components are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from simulator import Mode, RunOptions, environment_of
from simulator.model import Problem, Topology
from simulator.testing import is_test_error
from simulator.transports import hash_seed_environment
from streamparse.testing.adjustments import Adjustment
from streamparse.testing.output import Output
from streamparse.testing.reading import Reading
from streamparse.testing.runtime import Runtime, make_clock, patience

__tracebackhide__ = is_test_error  # pytest then shows the test's line


class Scope(NamedTuple):
    """What differs between a test and one run of its explorations.

    Attributes:
        stack: closes what is made.
        hash_seed: of component processes.
        is_explored: whether this is one run of hundreds.
        adjustments: of components as they are made, by id.
    """

    stack: ExitStack
    hash_seed: int = 0
    is_explored: bool = False
    adjustments: Mapping[str, Adjustment] = MappingProxyType({})


class Setup(NamedTuple):
    """What the components of a test are made with.

    Attributes:
        reading: reads topologies.
        output: shows what components print and log.
        scope: the test, or one run of an exploration.
        warn: called with what is suspicious.
        mode, seed, strict, hang_seconds, virtual_time, cwd: as for ``Storm``.
    """

    reading: Reading
    output: Output
    scope: Scope
    warn: Callable[[Sequence[Problem | str]], object]
    mode: Mode | None
    seed: int | str
    strict: bool
    hang_seconds: float
    virtual_time: bool
    cwd: Path | None

    @property
    def directory(self) -> Path:
        """The directory of the test."""
        return self.reading.directory

    def read(self, name: str, conf: Mapping[str, object]) -> Topology:
        """Return a topology that is submitted with these settings.

        Raises:
            HarnessError, TopologyError: as for ``Reading.topology``.
        """
        topology, _ = self.reading.topology(name, conf)
        self.warn(topology.warnings)
        return topology

    def options(self, conf: Mapping[str, object]) -> RunOptions:
        """Return the options of the run of one component.

        Args:
            conf: its configuration.
        """
        return RunOptions(
            conf=conf, storm_version=self.reading.version, seed=self.seed, strict=self.strict
        )

    def runtime(self, conf: Mapping[str, object], *, has_clock: bool = False) -> Runtime:
        """Return the runtime of components.

        Args:
            conf: of their topology.
            has_clock: whether they see the simulator's clock, even if the test does not ask for it.
        """
        stack = self.scope.stack
        return Runtime(
            self.directory,
            patience(self.hang_seconds, conf),
            make_clock(stack) if has_clock or self.virtual_time else None,
            stack,
            self.cwd or self.reading.source_dir,
            self.output,
            {**environment_of(conf), **hash_seed_environment(self.scope.hash_seed)},
        )

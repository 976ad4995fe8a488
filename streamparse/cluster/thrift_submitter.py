"""A submit by Thrift, without a JVM: we make the StormTopology and the jar, and make the few calls of Nimbus.

Nothing that is compiled is sent, so the version of Storm in project.clj need not be the cluster's. The topology is read
and checked for the version that the cluster tells.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.model import Profile, Topology, profile, version_note
from streamparse.cluster.cluster_state import PROGRESS, ClusterState, State
from streamparse.cluster.lein_submitter import SECS_TO_ANSWER
from streamparse.cluster.nimbus import (
    CHUNK_BYTES,
    NoAnswer,
    ThriftNimbus,
    topology_status,
)
from streamparse.cluster.storm_thrift import require_thriftpy2
from streamparse.cluster.storm_topology import check_submit, to_storm_topology
from streamparse.cluster.submit_request import SubmitRequest
from streamparse.cluster.tunnels import nimbus_name, nimbus_tunnel
from streamparse.jvm import temporary_source_jar
from streamparse.project import Environment, OperationError, wait_secs

__all__ = ["ThriftSubmitter", "TopologyReader"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

#: Takes a configuration and a version of Storm, such as "2.8.3". Returns the topology, and the configuration with what
#: the topology itself sets. Raises TopologyError.
TopologyReader = Callable[[Mapping[str, object], str], tuple[Topology, Mapping[str, object]]]

SECS_TO_SUBMIT = 60.0  # for Nimbus to answer that it has the topology
SECS_TO_QUIT = 60  # for a topology that is killed, on top of the time that it is given
_LOOK_SECS = 0.5  # between two looks whether it is gone
_REPORT_CHUNKS = 50  # 26 MB


@dataclass
class ThriftSubmitter:
    """Submits a topology by Thrift. It is a ``Submitter``.

    Attributes:
        request: what is asked for.
        topology: returns it, with its configuration.
        state: of the cluster, which is kept up to date.
    """

    request: SubmitRequest
    topology: TopologyReader
    state: ClusterState
    _cluster_version: str | None = field(default=None, init=False)
    _storm_topology: Any = field(default=None, init=False)
    _conf: Mapping[str, object] = field(default_factory=dict, init=False)

    def check(self, conf: Mapping[str, object]) -> None:
        self._read(conf, profile(self.request.storm_version))

    def check_tools(self) -> None:
        require_thriftpy2()

    def first_question(self) -> str:
        return f"ask whether {self.request.name} runs, and which Storm this is"

    def read_steps(self) -> tuple[list[str], list[str]]:
        return [f"make the StormTopology of {self.request.name}, for the Storm that this is"], []

    def jar_steps(self) -> list[str]:
        return ["put the files of src/ into a jar, and nothing else"]

    def meet(self, address: tuple[str, int], environment: Environment) -> None:
        self._cluster_version = self._nimbus(address, environment).version()

    def read(self, environment: Environment, conf: Mapping[str, object], report: Report) -> None:
        storm = self._profile(report)
        topology, self._conf = self._read(conf, storm)
        self._storm_topology = to_storm_topology(topology, self._conf, storm)

    def _read(
        self, conf: Mapping[str, object], storm: Profile
    ) -> tuple[Topology, Mapping[str, object]]:
        topology, whole = self.topology(conf, storm.version)
        check_submit(topology, whole, storm)
        return topology, whole

    def _profile(self, report: Report) -> Profile:
        """Return the rules of the cluster's Storm, or of the project's where that is not known here."""
        told = self._cluster_version
        if told is None or told == self.request.storm_version:
            return profile(self.request.storm_version)
        try:
            found = profile(told)
        except ValueError:
            report(
                f"the cluster runs Storm {told}, which is not known here; {self.request.name} is read as for "
                f"{self.request.storm_version}"
            )
            return profile(self.request.storm_version)
        report(f"the cluster runs Storm {told}; {self.request.name} is read for that")
        if note := version_note(told):
            report(note)
        return found

    @contextmanager
    def jar(self, report: Report) -> Iterator[Path]:
        with temporary_source_jar(self.request.project.directory / "src") as jar:
            report(f"the jar has the files of src/, {jar.stat().st_size / 1e3:.0f} kB")
            yield jar

    def submit(
        self, jar: Path, environment: Environment, conf: Mapping[str, object], report: Report
    ) -> None:
        # With the configuration of `read`, which is made of this one.
        with nimbus_tunnel(environment) as address:
            self._reporting("uploading", environment, report)
            nimbus = self._nimbus(address, environment)
            with jar.open("rb") as file:
                place = nimbus.upload(file, _reporter(report))
            if self.request.force:
                self._kill_running(nimbus, environment, report)
            self._reporting("submitting", environment, report)
            slow = self._nimbus(address, environment, answer_secs=wait_secs(SECS_TO_SUBMIT))
            self._change(
                "submitting",
                "submitted",
                nimbus,
                lambda: slow.submit(
                    self.request.name,
                    place,
                    self._conf,
                    self._storm_topology,
                    inactive=self.request.inactive,
                ),
            )

    def _nimbus(
        self, address: tuple[str, int], environment: Environment, **settings: float
    ) -> ThriftNimbus:
        return ThriftNimbus(address, name=nimbus_name(environment), **settings)

    def _reporting(self, step: str, environment: Environment, report: Report) -> None:
        report(PROGRESS[step].format(name=self.request.name, environment=environment.name))

    def _kill_running(self, nimbus: ThriftNimbus, environment: Environment, report: Report) -> None:
        """Kill a running topology of this name, and return when it is gone."""
        found = topology_status(nimbus, self.request.name)
        if found is None:
            return
        self._reporting("killing", environment, report)
        self._change(
            "killing",
            "killed",
            nimbus,
            lambda: nimbus.kill(self.request.name, self.request.wait_secs),
        )
        self._reporting("killed", environment, report)
        most = self.request.wait_secs + wait_secs(SECS_TO_QUIT)
        deadline = time.monotonic() + most
        while found := topology_status(nimbus, self.request.name):
            if time.monotonic() > deadline:
                raise OperationError(
                    f"topology {self.request.name} has not quit after {most:g} s, and is {found}"
                )
            time.sleep(_LOOK_SECS)

    def _change(
        self, before: State, after: State, nimbus: ThriftNimbus, ask: Callable[[], object]
    ) -> None:
        """Ask Nimbus for a change, and note in the state what came of it.

        An interruption waits for the answer for a while, since that tells the state.
        """
        self.state.enter(before)
        request = _Request(ask)
        try:
            request.start()
            request.wait()
        finally:
            self._note(request, after)
        if isinstance(request.error, NoAnswer):
            self._find_state(nimbus)
        if request.error is not None:
            raise request.error

    def _note(self, request: _Request, after: State) -> None:
        """Note in the state what came of a request, which may have been interrupted."""
        if not request.is_started:
            self.state.refuse()
        elif not request.wait(wait_secs(SECS_TO_ANSWER)) or isinstance(request.error, NoAnswer):
            return  # it is not known
        elif request.error is None:
            self.state.enter(after)
        elif isinstance(request.error, OperationError):
            self.state.refuse()

    def _find_state(self, nimbus: ThriftNimbus) -> None:
        """Ask Nimbus whether a change without an answer was made."""
        try:
            self.state.settle(topology_status(nimbus, self.request.name))
        except OperationError:
            return  # then the state is not known, and the outcome says so


class _Request:
    """A request to Nimbus, which goes on when the thread that waits for it is interrupted.

    Attributes:
        is_started: it may have begun.
        error: what was raised instead of an answer.
    """

    def __init__(self, ask: Callable[[], object]) -> None:
        self.is_started = False
        self.error: Exception | None = None
        self._ask = ask
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin. When this is interrupted, the request may have begun."""
        self.is_started = True
        self._thread.start()

    def _run(self) -> None:
        try:
            self._ask()
        except Exception as error:
            self.error = error
        finally:
            self._is_over.set()

    def wait(self, secs: float | None = None) -> bool:
        """Return when it is over, or after so many seconds; False when it is not over."""
        return self._is_over.wait(secs)


def _reporter(report: Report) -> Callable[[int], None]:
    def on_bytes(sent: int) -> None:
        if sent % (_REPORT_CHUNKS * CHUNK_BYTES) == 0:
            report(f"uploaded {sent // 10**6} MB")

    return on_bytes

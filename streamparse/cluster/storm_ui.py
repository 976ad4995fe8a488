"""A client of the REST API of Storm's UI.

The answers differ between the lines of Storm: a latency is a string in one and a number in another, an uptime is words
or seconds, and much is absent or null. The records that are returned here are the same for all: numbers are numbers, an
uptime is in seconds, and what a cluster does not say is None. The caller provides the address, which may be the end of
a tunnel.
"""

from __future__ import annotations

import http.client
import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import NoReturn

from streamparse.cluster.nimbus import not_running
from streamparse.cluster.ui_records import (
    ClusterSummary,
    Component,
    ComponentError,
    ComponentSummary,
    Executor,
    Stats,
    Stream,
    Supervisor,
    Topology,
    TopologySummary,
    Window,
    Worker,
)
from streamparse.project import OperationError, as_json, instead_of, wait_secs

__all__ = ["StormUi"]

ANSWER_SECS = 30.0  # the UI asks Nimbus in its turn, which takes a while for a large topology

Object = Mapping[str, object]


class StormUi:
    """The UI at an address. Every failure is an OperationError.

    Args:
        address: host and port.
        name: its address in messages, if a tunnel leads to it.
    """

    def __init__(self, address: tuple[str, int], *, name: str | None = None) -> None:
        host, port = address
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._where = name or self._address

    def cluster(self) -> ClusterSummary:
        """Return the cluster."""
        found = self._ask("cluster", "summary")
        uptime = _uptime(found, "nimbusUptime")
        return ClusterSummary(
            storm_version=_text(found, "stormVersion"),
            nimbus_uptime_secs=self._leader_uptime() if uptime is None else uptime,
            supervisors=_count(found, "supervisors"),
            slots_used=_count(found, "slotsUsed"),
            slots_free=_count(found, "slotsFree"),
            slots_total=_count(found, "slotsTotal"),
            executors=_count(found, "executorsTotal"),
            tasks=_count(found, "tasksTotal"),
        )

    def _leader_uptime(self) -> int | None:
        """From 1.0 on, when there may be several Nimbuses."""
        for each in _objects(self._ask("nimbus", "summary"), "nimbuses"):
            if each.get("status") == "Leader":
                return _uptime(each, "nimbusUpTime")
        return None

    def supervisors(self) -> tuple[Supervisor, ...]:
        """Return the supervisors, by host."""
        found = (
            Supervisor(
                id=_text(each, "id"),
                host=_text(each, "host"),
                uptime_secs=_uptime(each, "uptime"),
                slots_used=_count(each, "slotsUsed"),
                slots_total=_count(each, "slotsTotal"),
            )
            for each in _objects(self._ask("supervisor", "summary"), "supervisors")
        )
        return tuple(sorted(found, key=lambda each: (each.host or "", each.id or "")))

    def topologies(self) -> tuple[TopologySummary, ...]:
        """Return the running topologies, by name."""
        found = map(_topology_summary, _objects(self._ask("topology", "summary"), "topologies"))
        return tuple(sorted(found, key=lambda each: (each.name, each.id)))

    def topology(self, name: str) -> Topology:
        """Return the running topology of this name.

        Raises:
            OperationError: there is none, with the nearest that there is.
        """
        ids = {each.name: each.id for each in self.topologies()}
        if name not in ids:
            raise not_running(name, [*ids])
        try:
            return self._topology(ids[name])
        except OperationError:
            if self._has_ended(ids[name]):
                raise not_running(name, [each for each in ids if each != name]) from None
            raise

    def component(self, topology: Topology, name: str) -> Component:
        """Return a spout or bolt of a topology.

        Raises:
            OperationError: there is none of this name, with the nearest that there is; or Storm has not placed the
                topology yet, and until then the UI knows of no component.
        """
        there = [each.id for each in topology.components]
        if not there:
            raise OperationError(
                f"topology {topology.summary.name} has been submitted and has no worker yet, without which Storm's UI "
                "knows none of its components; run it again in a few seconds"
            )
        if name not in there:
            raise OperationError(
                f"topology {topology.summary.name} has no component {as_json(name)}; "
                f"{instead_of(name, there)}"
            )
        try:
            page = self._ask("topology", topology.summary.id, "component", name)
        except OperationError as error:
            if "/" not in name:
                raise
            finding = f"Storm's UI {self._where} has no page of component {as_json(name)}"
            raise OperationError(f"{finding}, whose id has a slash", error.output) from None
        return _component(name, page)

    def workers(self) -> tuple[Worker, ...]:
        """Return the workers of all topologies, by topology, host and port.

        They are found by their executors, also the workers that have no others than ackers.
        """
        found: dict[tuple[str, str, int], list[tuple[str, Executor]]] = {}
        for summary in self.topologies():
            for component, each in self._executors(summary.id):
                if each.host is not None and each.port is not None:
                    worker = (summary.name, each.host, each.port)
                    found.setdefault(worker, []).append((component, each))
        return tuple(_worker(*worker, found[worker]) for worker in sorted(found))

    def _executors(self, storm_id: str) -> list[tuple[str, Executor]]:
        """All executors of a topology, with their components; none of one that has ended since it was listed."""
        found: list[tuple[str, Executor]] = []
        try:
            for component in self._topology(storm_id, system=True).components:
                page = self._ask("topology", storm_id, "component", component.id, system=True)
                executors = map(_executor, _objects(page, "executorStats"))
                found += ((component.id, each) for each in executors)
        except OperationError:
            if self._has_ended(storm_id):
                return []
            raise
        return found

    def _has_ended(self, storm_id: str) -> bool:
        return storm_id not in [each.id for each in self.topologies()]

    def _topology(self, storm_id: str, *, system: bool = False) -> Topology:
        found = self._ask("topology", storm_id, system=system)
        return Topology(
            summary=_topology_summary(found),
            windows=_windows(found, "topologyStats"),
            spouts=tuple(map(_component_summary, _objects(found, "spouts"))),
            bolts=tuple(map(_component_summary, _objects(found, "bolts"))),
        )

    # -- requests ------------------------------------------------------------------------------------------------

    def _ask(self, *path: str, system: bool = False) -> Object:
        """Return a page of the API; ``system`` includes the components that Storm adds to a topology."""
        page = "/".join(urllib.parse.quote(part, safe="") for part in path) + "?sys=1" * system
        # Directly, as ssh and Thrift do: a proxy is for other networks.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(
                f"http://{self._address}/api/v1/{page}", timeout=wait_secs(ANSWER_SECS)
            ) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                self._refuse(error.code, _parsed(error.read()))
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(
                error, "reason", error
            )  # a URLError's reason is the error of the socket
            words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            raise OperationError(f"Storm's UI {self._where} does not answer: {words}") from None
        found = _parsed(body)
        if found is None:
            self._refuse(200, None)
        return found

    def _refuse(self, status: int, found: Object | None) -> NoReturn:
        message = _text(found or {}, "errorMessage")
        if status in (401, 403):
            line = (
                f"Storm's UI {self._where} wants a login, which sparse cannot give (HTTP {status})"
            )
        elif message:
            line = f"Storm's UI {self._where} says: {message.splitlines()[0]}"
        else:
            line = (
                f"what answers at {self._where} is not Storm's UI (HTTP {status}); "
                '"ui.port" of the environment in config.json names its port'
            )
        raise OperationError(line, message or "")


def _parsed(body: bytes) -> Object | None:
    """The JSON object in an answer; None for everything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


# -- answers -----------------------------------------------------------------------------------------------------


def _topology_summary(found: Object) -> TopologySummary:
    return TopologySummary(
        id=_text(found, "id") or "",
        name=_text(found, "name") or "",
        status=_text(found, "status"),
        uptime_secs=_uptime(found, "uptime"),
        workers=_count(found, "workersTotal"),
        executors=_count(found, "executorsTotal"),
        tasks=_count(found, "tasksTotal"),
    )


def _component_summary(found: Object) -> ComponentSummary:
    return ComponentSummary(
        id=_text(found, "spoutId") or _text(found, "boltId") or "",
        executors=_count(found, "executors"),
        tasks=_count(found, "tasks"),
        stats=_stats(found),
        last_error=_error(found, "lastError") if _text(found, "lastError") else None,
    )


def _component(name: str, found: Object) -> Component:
    return Component(
        id=name,
        type=_text(found, "componentType"),
        executors=_count(found, "executors"),
        tasks=_count(found, "tasks"),
        windows=_windows(found, "spoutSummary") or _windows(found, "boltStats"),
        inputs=tuple(
            Stream(_text(each, "component"), _text(each, "stream"), _stats(each))
            for each in _objects(found, "inputStats")
        ),
        outputs=tuple(
            Stream(name, _text(each, "stream"), _stats(each))
            for each in _objects(found, "outputStats")
        ),
        threads=tuple(map(_executor, _objects(found, "executorStats"))),
        errors=tuple(_error(each, "error") for each in _objects(found, "componentErrors")),
    )


def _executor(found: Object) -> Executor:
    return Executor(
        id=_text(found, "id"),
        host=_text(found, "host"),
        port=_count(found, "port"),
        uptime_secs=_uptime(found, "uptime"),
        stats=_stats(found),
        log_url=_text(found, "workerLogLink"),
    )


def _error(found: Object, key: str) -> ComponentError:
    return ComponentError(
        secs_ago=_count(found, "errorLapsedSecs"),
        host=_text(found, "errorHost"),
        port=_count(found, "errorPort"),
        message=_text(found, key) or "",
    )


def _worker(topology: str, host: str, port: int, found: list[tuple[str, Executor]]) -> Worker:
    """A worker, from the executors in it; its uptime is that of the oldest."""
    components = dict.fromkeys(component for component, _ in found)
    uptimes = [each.uptime_secs for _, each in found if each.uptime_secs is not None]
    return Worker(
        topology=topology,
        host=host,
        port=port,
        uptime_secs=max(uptimes, default=None),
        components=tuple(
            sorted(components, key=lambda each: each.startswith("__"))
        ),  # Storm's last
        log_url=next((each.log_url for _, each in found if each.log_url), None),
    )


def _windows(found: Object, key: str) -> tuple[Window, ...]:
    """The windows from the shortest to the whole time; 1.x and 2.x give them in no order."""
    windows = (Window(_count(each, "window"), _stats(each)) for each in _objects(found, key))
    return tuple(sorted(windows, key=lambda each: math.inf if each.secs is None else each.secs))


def _stats(found: Object) -> Stats:
    return Stats(
        emitted=_count(found, "emitted"),
        transferred=_count(found, "transferred"),
        executed=_count(found, "executed"),
        acked=_count(found, "acked"),
        failed=_count(found, "failed"),
        complete_ms=_number(found, "completeLatency"),
        process_ms=_number(found, "processLatency"),
        execute_ms=_number(found, "executeLatency"),
        capacity=_number(found, "capacity"),
    )


# -- values ------------------------------------------------------------------------------------------------------


def _objects(found: Object, key: str) -> Iterator[Object]:
    listed = found.get(key)
    return (
        (each for each in listed if isinstance(each, dict))
        if isinstance(listed, list)
        else iter(())
    )


def _text(found: Object, key: str) -> str | None:
    value = found.get(key)
    return value if isinstance(value, str) and value else None


def _number(found: Object, key: str) -> float | None:
    value = found.get(key)
    try:
        number = float(value) if isinstance(value, (str, int, float)) else math.nan
    except ValueError:  # ":all-time", or nothing at all
        return None
    return number if math.isfinite(number) else None


def _count(found: Object, key: str) -> int | None:
    number = _number(found, key)
    return None if number is None else round(number)


_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _uptime(found: Object, key: str) -> int | None:
    """The uptime in seconds, which 1.x and 2.x have beside the words ``1d 2h 3m 4s`` that all lines have.

    Up to 0.10 there are no words in the first second, and none of an executor before its first heartbeat.
    """
    secs = _count(found, f"{key}Seconds")
    words = re.findall(r"(\d+)([dhms])", _text(found, key) or "")
    if secs is None and (words or found.get(key) == ""):
        return sum(int(number) * _UNITS[unit] for number, unit in words)
    return secs

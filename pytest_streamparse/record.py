"""``--storm-record``: components of the topologies that tests build are recorded, a directory for each test."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_streamparse.options import SETTINGS, Settings
from pytest_streamparse.reporting import plain_name
from pytest_streamparse.values import RECORDINGS

if TYPE_CHECKING:
    from simulator.model import Topology
    from streamparse.testing import Storm

WORKER_OUTPUT = "streamparse_recorded"


@dataclass
class Recording:
    """What tests have recorded.

    Attributes:
        settings: of recordings, by component id.
        redact: the fields that the command line names.
        directory: for a directory of each test.
        components: the ids of components of all topologies that were built.
        recorded: the ids of those that were recorded.
        fields: those of the streams of the components that are recorded.
    """

    settings: dict[str, dict[str, object]]
    redact: tuple[str, ...]
    directory: Path
    components: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)

    def prepare(self, item: pytest.Item, storm: Storm) -> None:
        """Have the ``storm`` of a test record what it builds."""
        from streamparse.testing import UsualRecording

        own = self.directory / plain_name(item.nodeid)
        storm.usual_recording = UsualRecording(self.settings, own, self._note)

    def _note(self, topology: Topology, recorded: Collection[str]) -> None:
        self.components.update(topology.components)
        self.recorded.update(recorded)
        for name in recorded:
            self.fields.update(topology.fields_of(name))

    def problems(self) -> list[str]:
        """What the command line names and no topology has, a line each."""
        from simulator.model import did_you_mean
        from streamparse.project import redact_problem

        lines = []
        for name in sorted(self.settings.keys() - self.recorded):
            near = did_you_mean(name, sorted(self.components))
            lines.append(
                f"--storm-record {name}: it runs in no topology of these tests: stubs have taken its place, or it "
                "is for a JVM"
                if name in self.components
                else f"--storm-record {name}: no topology of these tests has this component{near}"
            )
        if lines:
            return lines
        found = (
            (name, redact_problem(name, self.settings, sorted(self.fields))) for name in self.redact
        )
        return [f"--storm-redact {name}: {problem}" for name, problem in found if problem]


RECORDING = pytest.StashKey["Recording | None"]()


def recording_of(config: pytest.Config) -> Recording | None:
    """Return what this run of pytest records; None for nothing."""
    if RECORDING not in config.stash:
        config.stash[RECORDING] = _recording(config.stash[SETTINGS])
    return config.stash[RECORDING]


def _recording(settings: Settings) -> Recording | None:
    if settings.record is None:
        return None
    fields = [*dict.fromkeys((*settings.redact, *settings.usual_redact))]
    each = {"redact": fields} if fields else {}
    by_id: dict[str, dict[str, object]] = {
        name: {**each, **({} if tuples is None else {"tuples": tuples})}
        for name, tuples in settings.record.items()
    }
    return Recording(by_id, settings.redact, Path(settings.record_into))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take what a worker of xdist has met; Any: a class of xdist."""
    made = recording_of(node.config)
    met = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT)
    if made is not None and met is not None:
        for mine, theirs in zip((made.components, made.recorded, made.fields), met, strict=True):
            mine.update(theirs)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End with the status of a wrong command line, where it names what no topology has."""
    config = session.config
    made = recording_of(config)
    if made is None or config.option.collectonly:
        return
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[WORKER_OUTPUT] = [
            sorted(each) for each in (made.components, made.recorded, made.fields)
        ]
    elif made.problems() and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def show_recordings(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where the recordings are, and what is wrong with the command line; Any: no public class of pytest."""
    made = recording_of(config)
    if made is None or config.option.collectonly:
        return
    files = [
        path for path in made.directory.rglob("streamparse_*") if path.name.endswith(RECORDINGS)
    ]
    terminalreporter.section("storm: recordings")
    terminalreporter.write_line(
        f"{made.directory}: {len(files):,} recording{'s' * (len(files) != 1)}"
    )
    for line in made.problems():
        terminalreporter.write_line(f"ERROR: {line}", red=True)

"""``--storm-recordings``: a test for each recording in a directory, which replays it against the class of today."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_streamparse import StormWarning
from pytest_streamparse.options import SETTINGS
from pytest_streamparse.values import recordings_in

if TYPE_CHECKING:
    from streamparse.testing import Storm

UPDATE = "pytest --storm-update-recordings"


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have the recordings of ``--storm-recordings`` collected."""
    directory = session.config.stash[SETTINGS].recordings
    if directory is not None:
        session.config.pluginmanager.register(RecordedTests(Path(directory)), "storm-recordings")


class RecordedTests:
    """A plugin that adds the tests of the recordings in a directory.

    Args:
        directory: where the recordings are.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @pytest.hookimpl(tryfirst=True)  # so that -k and its like choose among these, too
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add a test for each recording."""
        here = os.path.relpath(self._directory, session.config.rootpath)
        parent = _Recordings.from_parent(session, name=here, path=self._directory, nodeid=here)
        items.extend(parent.collect())


class _Recordings(pytest.Collector):
    """The recordings in a directory."""

    def collect(self) -> Iterable[pytest.Item]:
        for path in recordings_in(self.path):
            name = path.relative_to(self.path).as_posix()
            made = _RecordedTest.from_parent(self, name=name, path=path)
            made.extra_keyword_matches.add("recording")  # for -k
            yield made


class _RecordedTest(pytest.Item):
    """The replay of one recording."""

    def runtest(self) -> None:
        from streamparse.testing import Storm

        settings = self.config.stash[SETTINGS]
        with Storm(
            self.config.invocation_params.dir,
            mode=None if settings.mode == "both" else settings.mode,  # type: ignore[arg-type]  # checked
            seed=settings.seed or 0,
            storm_version=settings.storm_version,
            strict=settings.strict,
            hang_seconds=settings.hang_seconds,
            update_recordings=settings.update_recordings,
            rerun_command=UPDATE,
        ) as storm:
            storm.replay(None, self.path, **self._tolerances(storm))
        for line in storm.warnings:
            self.warn(StormWarning(line))

    def _tolerances(self, storm: Storm) -> dict[str, Any]:
        settings = self.config.stash[SETTINGS]
        ignore = settings.replay_ignore
        if ignore:  # of all components; each has some of them
            ignore = tuple(storm.fields_in(self.path) & {*ignore})
        return {
            "ignore": ignore,
            "any_order": "order" in settings.replay_allow,
            "any_tasks": "tasks" in settings.replay_allow,
            "logs": "logs" not in settings.replay_allow,
        }

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text alone of what differs, or of what is wrong; Any: as pytest has it."""
        from streamparse.testing import HarnessError

        if isinstance(excinfo.value, (AssertionError, HarnessError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"recording {self.name}"

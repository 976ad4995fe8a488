"""The page of ``--html``: collects a run while it goes on, and writes its page at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from streamparse.cli.output import note
from streamparse.cli.output_file import OutputFile

if TYPE_CHECKING:
    from simulator import RunOptions
    from simulator.engine import Listener, Report
    from simulator.model import Topology
    from simulator.page import Collector

ENDS = {
    "time": "its time was up",
    "idle": "nothing was left to do",
    "error": "a component failed",
    "interrupted": "it was interrupted",
}


class RunPage:
    """The page of one run.

    Args:
        file: takes the page.
    """

    def __init__(self, file: OutputFile) -> None:
        self._file = file
        self._collector: Collector | None = None

    def collect(
        self,
        listener: Listener,
        on_stderr: Callable[[str, int, str], object],
        sink: Callable[[str], object] | None,
    ) -> Collector:
        """Begin to collect a run; what is collected is handed on to these."""
        from simulator.page import Collector

        self._collector = Collector(listener, on_stderr, sink)
        return self._collector

    def write(self, topology: Topology, options: RunOptions, report: Report) -> None:
        """Write the page of the run.

        Raises:
            OutputError: the file cannot be written.
        """
        from simulator.page import graph_of, page_of

        assert self._collector is not None  # the run is over
        facts = {
            "Storm": report.storm,
            "seed": str(report.seed),
            "ended because": ENDS[report.stopped],
        }
        source = self._collector.source(
            topology.name,
            graph_of(topology, options.conf),
            report,
            facts=facts,
            sources=options.sources or options.cwd,
        )
        self._file.write(page_of(source))
        note(f"page: {self._file.path}")

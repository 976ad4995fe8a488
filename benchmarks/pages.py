"""What the page of a run costs: keeping what it needs while the run goes on, making it, and opening it in a browser."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import ROUNDS, Result, in_turn, over, rounds, wall
from benchmarks.simulation import TUPLES, chain, run
from simulator import RUN_CONF
from simulator.clj import parse_topology
from simulator.page import Collector, graph_of, page_of

EVENTS_OF_A_TUPLE = 6  # in the chain: three emits, two acks of bolts, and that of the spout
EVENTS = 100_000
PATIENCE_MS = 600_000  # of the browser: nothing that is measured


def kept(*, quick: bool) -> Sequence[Result]:
    """A run that keeps what its page needs against the run alone, in processor time."""
    alone, collected = in_turn(
        rounds(ROUNDS, quick=quick),
        lambda: run(chain(), TUPLES, mode="inprocess", processor=True),
        lambda: run(chain(), TUPLES, mode="inprocess", processor=True, collector=Collector()),
        warm_up=True,
    )
    median, least = (statistics.median(each) / TUPLES * 1e6 for each in (collected, alone))
    return [Result(f"{median:.1f} µs a tuple (alone {least:.1f} µs)", over(collected, alone))]


def page(*, quick: bool) -> Sequence[Result | None]:
    """The seconds to make and write the page of a run of so many events, and to the answer to its first click.

    The first are processor time, all of it this process's; the second are on the wall.
    """
    collector = Collector()
    run(chain(), EVENTS // EVENTS_OF_A_TUPLE, mode="inprocess", collector=collector)
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    graph = graph_of(parse_topology(chain(), options=conf), conf)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "run.html")

        def write() -> float:
            began = time.process_time()
            path.write_text(page_of(collector.source("chain", graph)), encoding="utf-8")
            return time.process_time() - began

        (made,) = in_turn(rounds(ROUNDS, quick=quick), write, warm_up=True)
        size = path.stat().st_size / 1e6
        opened = _opened(path, rounds(ROUNDS, quick=quick))
    return [
        Result(f"{statistics.median(made):.2f} s, {size:.1f} MB", made),
        None if opened is None else Result(f"{statistics.median(opened):.2f} s", opened),
    ]


def _opened(path: Path, rounds: int) -> list[float] | None:
    """The seconds from opening the page to the painted timeline, behind a click on its tab; None without a browser."""
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, timeout=PATIENCE_MS)
        window = browser.new_page()
        window.set_default_timeout(PATIENCE_MS)

        def open_and_click() -> None:
            window.goto(path.as_uri())
            window.locator("#tab-timeline").click()
            window.locator("canvas[data-painted]").wait_for()

        (seconds,) = in_turn(rounds, lambda: wall(open_and_click), warm_up=True)
        browser.close()
    return seconds

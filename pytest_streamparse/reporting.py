"""The report of a failed test: what happened last, the command that runs it again, and how tuples differ."""

from __future__ import annotations

import bdb
import os
import re
import shlex
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_streamparse.options import SETTINGS
from pytest_streamparse.values import MODES

if TYPE_CHECKING:
    import pluggy

    from streamparse.testing import Storm

STORM = pytest.StashKey["Storm"]()
FAILED = pytest.StashKey[bool]()
COVERED = "storm explored"  # the property of a report that holds what an exploration has covered
MOST_NAME_CHARS = 120  # of the name of a page, which is made of the test's


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Fail a test that has passed, and ordered a fault that never struck."""
    made = item.stash.get(STORM, None)
    if made is None:
        return
    from streamparse.testing import HarnessError

    try:
        made.check_faults()
    except (AssertionError, HarnessError) as error:
        pytest.fail(str(error), pytrace=False)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
    report = (yield).get_result()
    if call.when == "call":
        _note_explorations(item, report)
    if report.failed:
        item.stash[FAILED] = True
        made = item.stash.get(STORM, None)
        if made is not None and made.mutation is None and call.when == "call":
            rerun = "" if made.has_shown_rerun_command else f"rerun: {made.rerun_command}\n"
            if text := made.summary() + rerun + _page_line(item, made):
                # A lone surrogate, which no terminal takes, would have pytest escape the whole section.
                shown = text.encode("utf-8", "backslashreplace").decode()
                report.sections.append(("storm", shown.rstrip("\n")))


def _note_explorations(item: pytest.Item, report: pytest.TestReport) -> None:
    """Note in a report what the explorations of its test have covered: a worker of xdist hands on its properties."""
    made = item.stash.get(STORM, None)
    if made is not None and made.mutation is None:
        properties: list[tuple[str, object]] = [(COVERED, line) for line in made.explored]
        item.user_properties += (
            properties  # for what is made of the report of the teardown, as JUnit's file is
        )
        report.user_properties += properties


def _page_line(item: pytest.Item, made: Storm) -> str:
    """Write the page of a failing test, and return the line that says where it is; "" where none is asked for."""
    directory = item.config.stash[SETTINGS].html
    if directory is None or made.mutation is not None:
        return ""
    from streamparse.testing import write_page

    page = made.page(item.nodeid)
    if page is None:
        return "page: none, for no topology was run\n"
    path = Path(directory, page_name(item.nodeid))
    line = write_page(path, page)
    return f"{line}\n"


def page_name(nodeid: str) -> str:
    """Return the name of a test's page."""
    return f"{plain_name(nodeid)}.html"


def plain_name(nodeid: str) -> str:
    """Return a name for what belongs to a test: it is safe in every file system, and no other test has it.

    Args:
        nodeid: of the test; what pytest makes of parameters may hold anything.
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", nodeid).strip("-")[-MOST_NAME_CHARS:].strip("-")
    return f"{plain or 'test'}-{zlib.crc32(nodeid.encode('utf-8', 'surrogatepass')):08x}"


@pytest.hookimpl(tryfirst=True)
def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
) -> None:
    """Let the debugger of ``--pdb`` begin in the component's own frame, or in the test's, not in ours."""
    if call.excinfo is None or "simulator.testing.errors" not in sys.modules:
        return
    from simulator.testing import ComponentError, callers_of, is_test_error, with_callers

    error = call.excinfo.value
    cause = error.__cause__
    if isinstance(error, ComponentError) and cause is not None:
        shown, tb = cause, with_callers(cause, error)
    elif is_test_error(call.excinfo):
        shown, tb = error, callers_of(error)
    else:
        return
    if tb is not None:
        call.excinfo = pytest.ExceptionInfo.from_exc_info(
            (type(shown), shown.with_traceback(tb), tb)
        )


def keep_output(item: pytest.Item, runs: int) -> None:
    """Take the captured output before a run of ``explore``, so that a failure shows that of its own run alone.

    Args:
        item: the test.
        runs: how many runs there were before. What the test wrote before the first is kept; what the runs wrote is
            forgotten, for there may be hundreds.
    """
    plugins = item.config.pluginmanager
    texts = {}
    if (capture := plugins.getplugin("capturemanager")) is not None:
        texts["stdout"], texts["stderr"] = capture.read_global_capture()
    if (logs := plugins.getplugin("logging-plugin")) is not None:
        texts["log"] = logs.report_handler.stream.getvalue().rstrip("\n")
        logs.report_handler.reset()
    for name, text in texts.items():
        if text and runs == 0:
            item.add_report_section("call", name, text)


def show_at_once(config: pytest.Config, line: str) -> None:
    """Show a line on the terminal in the middle of a test, whose output is captured."""
    capture = config.pluginmanager.getplugin("capturemanager")
    terminal = config.pluginmanager.getplugin("terminalreporter")
    disabled = nullcontext() if capture is None else capture.global_and_fixture_disabled()
    with disabled:
        if terminal is None or _is_worker(config):
            print(line, file=sys.stderr, flush=True)
            return
        terminal.ensure_newline()
        terminal.write_line(line)
        terminal.flush()


def _is_worker(config: pytest.Config) -> bool:
    """Return whether this is a worker of xdist: what it writes to its terminal goes nowhere, but not its stderr."""
    return hasattr(config, "workerinput")


def terminal_of(
    config: pytest.Config,
) -> Callable[[], AbstractContextManager[object]] | None:
    """Return what surrounds a debugger of a component process; None where a run has no terminal, as under xdist."""
    return None if _is_worker(config) else partial(_lent_terminal, config)


@contextmanager
def _lent_terminal(config: pytest.Config) -> Iterator[None]:
    """Let go of stdin and stdout as for a debugger of pytest's; whoever quits it ends the test run."""
    capture = config.pluginmanager.getplugin("capturemanager")
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if capture is not None:
        capture.suspend(in_=True)
    if terminal is not None:
        terminal.ensure_newline()
        terminal.flush()
    try:
        yield
    except bdb.BdbQuit:
        pytest.exit("Quitting debugger")
    finally:
        if capture is not None:
            capture.resume()


def plain_id(nodeid: str) -> str:
    """Return a test's name without the mode that ``--storm-mode=both`` adds: both modes have the same seed."""
    for mode in MODES[:2]:
        if nodeid.endswith(f"-{mode}]"):
            return nodeid.removesuffix(f"-{mode}]") + "]"
        nodeid = nodeid.removesuffix(f"[{mode}]")
    return nodeid


def rerun_command(item: pytest.Item, made: Storm) -> str:
    """Return the command that runs this test again with the same seed."""
    # A node's id begins at the root directory, a command where it is typed.
    path, colons, name = plain_id(item.nodeid).partition("::")
    here = os.path.relpath(item.config.rootpath / path, item.config.invocation_params.dir)
    parts = ["pytest", f"{here}{colons}{name}", f"--storm-seed={made.seed}"]
    if made.mode is not None:
        parts.append(f"--storm-mode={made.mode}")
    if (version := item.config.getoption("--storm-version")) is not None:
        parts.append(f"--storm-version={version}")
    return shlex.join(parts)


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> Sequence[str] | None:
    # Without this module loaded, neither side can be a record.
    if op != "==" or "simulator.testing.records" not in sys.modules:
        return None
    from pytest_streamparse.explain import difference

    return difference(left, right, verbose=config.get_verbosity())

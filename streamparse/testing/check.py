"""The arguments of ``storm.check``, made into what is checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from simulator.engine import Feed
from simulator.laws import Guarantees, Subject
from simulator.model import Topology, did_you_mean
from simulator.testing import HarnessError, RunningTopology, is_test_error
from streamparse.multilang import cut
from streamparse.testing.row_values import Rows
from streamparse.testing.stubs import feed_of

__tracebackhide__ = is_test_error  # pytest then shows the test's line
RETRIES = 5  # of a row: more than a run has faults
FIRST = 20  # tuples of a real spout


class GuaranteeError(AssertionError):
    """A topology breaks a law.

    Attributes:
        report: what was found.
    """

    def __init__(self, report: Guarantees, rerun: str = "") -> None:
        self.report = report
        super().__init__(f"{report}\n{rerun}".rstrip())


def subject_of(
    name: object,
    topology: Topology,
    options: Mapping[str, Any],
    rows: Any,
    result: Callable[[RunningTopology], object] | None,
    reset: Callable[[], object] | None,
    drive: Callable[[RunningTopology], object] | None,
    first: int,
) -> Subject:
    """Return what is checked.

    Args:
        name: as for ``storm.check``.
        topology: what it names.
        options: the arguments of ``storm.topology``.
        rows, result, reset, drive, first: as for ``storm.check``.

    Raises:
        HarnessError: ``rows`` are given, and it is not clear for which spout.
    """
    spouts = _with_rows(topology, rows, options.get("spouts"))
    firsts = dict.fromkeys(_real_spouts(topology, spouts), first)
    return Subject(name, {**options, "spouts": spouts}, result, reset, drive, firsts)


def _with_rows(topology: Topology, rows: Any, spouts: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands in for spouts; rows are fed with retries, as a reliable spout would.

    Any: rows, a feed or a class, which are checked where the topology is made.
    """
    found = dict(spouts or {})
    if rows is not None:
        left = [name for name in topology.spouts if name not in found]
        if len(left) != 1:
            which = (
                f"{len(left)} spouts, {' and '.join(left)}"
                if left
                else "no spout that spouts= leaves out"
            )
            raise HarnessError(
                f"rows=: topology {topology.name!r} has {which}; expected rows for each: spouts={{spout: rows}}"
            )
        found[left[0]] = rows
    return {name: _with_retries(each) for name, each in found.items()}


def _with_retries(given: Any) -> Any:
    """A feed of plain rows, rows by field with retries; anything else as it is."""
    if isinstance(given, Rows):
        return given.with_retries(RETRIES)
    is_rows = isinstance(given, (list, tuple)) and all(
        isinstance(row, (list, tuple)) for row in given
    )
    return feed_of(given, retries=RETRIES) if is_rows else given


def _real_spouts(topology: Topology, spouts: Mapping[str, Any]) -> list[str]:
    """The Python spouts that run themselves."""
    return [
        name
        for name, spout in topology.spouts.items()
        if spout.python_class is not None
        and not isinstance(spouts.get(name), (Feed, Rows, list, tuple))
    ]


def check_options(options: Mapping[str, Any], *methods: Callable[..., object]) -> None:
    """Refuse arguments that none of these methods of ``Storm`` has.

    Raises:
        HarnessError: with the nearest name.
    """
    known = [name for method in methods for name in inspect.signature(method).parameters]
    for name in options:
        if name not in known:
            raise HarnessError(
                f"check() has no argument {name!r}{did_you_mean(name, known) or ''}; it has its own and those of "
                "storm.topology"
            )


def check_values(
    *, result: object, reset: object, drive: object, first: object, exactly_once: object
) -> None:
    """Refuse what is no function, no number or no truth value, before anything is run.

    Raises:
        HarnessError: with what was expected.
    """
    for name, given, arguments, what in (
        ("result", result, (None,), "a function of the topology that returns what is compared"),
        ("reset", reset, (), "a function without arguments"),
        ("drive", drive, (None,), "a function of the topology"),
    ):
        if given is not None and not _takes(given, arguments):
            raise HarnessError(f"{name}={_shown(given)}: expected {what}")
    if not isinstance(first, int) or isinstance(first, bool) or first < 1:
        raise HarnessError(f"first={first!r}: expected a whole number of tuples, at least 1")
    if not isinstance(exactly_once, bool):
        raise HarnessError(f"exactly_once={exactly_once!r}: expected True or False")


def _takes(function: object, arguments: tuple[object, ...]) -> bool:
    if not callable(function):
        return False
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of a type or a function of C, which tells nothing
        return True
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True


def _shown(given: object) -> str:
    if inspect.isfunction(given):
        return f"{given.__name__}{inspect.signature(given)}"
    return cut(repr(given), 60)


def how_to_rerun(report: Guarantees, command: str | None) -> str:
    """Return the lines that say how the smallest cases are run again."""
    cases = [each.case for each in report.broken if each.case is not None]
    if command is None:
        return "".join(f'rerun: Storm(..., replay="{case}")\n' for case in cases)
    return "".join(f"rerun: {command} --storm-replay={case}\n" for case in cases)

"""Pages of what tests and explorations have run: plain runs, a failure beside the fault-free run, guarantees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from simulator.engine import events
from simulator.exploring import Look
from simulator.laws import Guarantees
from simulator.page import (
    Chance,
    Chances,
    ErrorReport,
    LogLine,
    PageSource,
    Pair,
    graph_of_events,
    graph_of_head,
    is_page,
    page_of_runs,
)
from simulator.testing import Account, causes

__all__ = ["page_of_accounts", "page_of_guarantees", "page_of_look", "write_page"]

MOST_EVENTS: Final = 1_000_000  # of a run; a page shows a sample of so many
FAILING, FAULT_FREE = "failing run", "fault-free run"


def source_of_account(account: Account, title: str, sources: str = "") -> PageSource:
    """Return the source of the page of a run.

    Args:
        account: what has happened in it.
        title: its name.
        sources: the directory of the user's code.
    """
    head, happened = account.head, account.events[:MOST_EVENTS]
    left_out = len(account.events) - len(happened)
    return PageSource(
        title=title,
        events=happened,
        graph=graph_of_events(happened) if head is None else graph_of_head(head),
        facts={}
        if head is None
        else {"topology": head.topology, "Storm": head.storm, "seed": head.seed},
        taken={each.tuple_id: each.at_ms for each in account.handed},
        logs=[
            LogLine(each.time_ms, each.component, each.task, each.level, each.message)
            for each in account.logged
            if each.level != "system"
        ],
        errors=_errors(account),
        sources=sources,
        notes=[f"{left_out:,} events after the first {MOST_EVENTS:,} were not kept."]
        if left_out
        else [],
    )


def _errors(account: Account) -> list[ErrorReport]:
    """The errors of a run, with the tracebacks of those that were reported."""
    texts = {(each.component, each.task, each.time_ms): each.text for each in account.reported}
    return [
        ErrorReport(
            event.at_ms,
            event.component,
            event.task,
            texts.get((event.component, event.task, event.at_ms), event.message),
            place,
        )
        for place, event in enumerate(account.events)
        if isinstance(event, events.Error)
    ]


def _name(account: Account, place: int) -> str:
    return f"topology {place + 1}" if account.head is None else account.head.topology


def page_of_accounts(title: str, accounts: Sequence[Account], sources: str = "") -> str:
    """Return the page of the topologies of a test.

    Args:
        title: of the page.
        accounts: what has happened in them; at least one.
        sources: the directory of the user's code.
    """
    runs = [
        source_of_account(each, _name(each, place), sources) for place, each in enumerate(accounts)
    ]
    return page_of_runs(title, runs)


def page_of_look(title: str, look: Look, sources: str = "") -> str:
    """Return the page of an explored failure: its run beside the fault-free run.

    Args:
        title: of the page.
        look: at the failure.
        sources: the directory of the user's code.
    """
    runs = _Runs(sources)
    pairs = _pairs(look, look.words, "", runs)
    return page_of_runs(title, runs.sources, pairs)


class _Runs:
    """The runs of a page, each once.

    Args:
        directory: of the user's code.

    Attributes:
        sources: the runs so far.
    """

    def __init__(self, directory: str) -> None:
        self.sources: list[PageSource] = []
        self._directory = directory
        self._places: dict[int, int] = {}

    def add(self, account: Account, title: str) -> int:
        """Return the place of a run, which is added if it is new."""
        place = self._places.get(id(account))
        if place is None:
            place = self._places[id(account)] = len(self.sources)
            self.sources.append(source_of_account(account, title, self._directory))
        return place


def _pairs(look: Look, title: str, law: str, runs: _Runs) -> list[Pair]:
    """The comparisons of a failure: each of its topologies with the same of the fault-free run.

    Args:
        look: at the failure.
        title: of the comparisons.
        law: that it breaks; "" where it is a test's.
        runs: takes the runs.
    """
    pairs = []
    for place, account in enumerate(look.accounts):
        whose = f"{_name(account, place)}: " if len(look.accounts) > 1 else ""
        first = runs.add(account, f"{law}: {whose}{FAILING}" if law else f"{whose}{FAILING}")
        if place < len(look.passed):
            passed = look.passed[place]
            pairs.append(
                Pair(
                    runs=(first, runs.add(passed, f"{whose}{FAULT_FREE}")),
                    names=(FAILING, FAULT_FREE),
                    title=f"{whose}{title}",
                    words=[*look.case, *causes(account, passed)],
                    chances=None if look.chances is None else _chances(look),
                )
            )
    return pairs


def _chances(look: Look) -> Chances:
    found = look.chances
    assert found is not None
    points = [
        Chance(each.point.words, each.point.at_ms, each.failed, each.runs) for each in found.points
    ]
    return Chances(points, str(found))


def page_of_guarantees(title: str, report: Guarantees, sources: str = "") -> str:
    """Return the page of a guarantee report: the laws, and for each broken one its smallest case.

    Args:
        title: of the page.
        report: what was found out.
        sources: the directory of the user's code.
    """
    runs = _Runs(sources)
    pairs: list[Pair] = []
    laws: list[dict[str, Any]] = []
    for account in report.passed:
        runs.add(account, FAULT_FREE)
    for law in report.laws:
        look = law.look
        compared = [] if look is None else _pairs(look, f"{law.title}: broken", law.title, runs)
        laws.append(
            law.as_dict()
            | {
                "pair": len(pairs) if compared else None,
                "inevitable": "" if look is None or look.chances is None else str(look.chances),
            }
        )
        pairs += compared
    shown = runs.sources or [PageSource(report.topology, [], graph_of_events([]))]
    return page_of_runs(title, shown, pairs, report.as_dict() | {"laws": laws})


def write_page(path: Path, text: str) -> str:
    """Write a page, over an old page but over no other file; return a line that says what has become of it.

    Args:
        path: of the file; its directory is made.
        text: the page.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8", errors="replace") as file:
            file.seek(0)
            start = file.read(2048)
            if start and not is_page(start):
                return f"page: {path} is not written, for it exists and is no page of streamparse"
            file.seek(0)
            file.truncate()
            file.write(text)
    except OSError as error:
        return f"page: {path} is not written: {error.strerror}"
    return f"page: {path}"

"""The page about parity, made of scenarios, recorded conversations and simulations: ``python -m parity.report``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from parity.record import recorded
from parity.scenarios import SCENARIOS, Deviation, Scenario
from parity.simulated import simulate
from parity.verdicts import Verdict, judge
from parity.views import VIEWS
from storm_lines import LINES

PAGE = Path(__file__).parent.parent.parent / "docs" / "parity.md"

HEAD = """\
# Parity

Why believe the simulator? Because the same topologies, with the same components, run on real Storms and in simulations
of them, and what is said on both sides is compared: message by message, task by task. This page is the outcome. It is
made by `python -m parity.report` in `tests/`, from the table in `tests/parity/scenarios.py` and the conversations in
`tests/parity/recorded`, and a test says that it is up to date.

Each component of a scenario runs behind a small recorder that copies what Storm and the component say to each other,
and writes it down. On the real side that is a LocalCluster of each line; `make parity` records anew and fails on any
drift. Without Java the recorded conversations are compared: `python -m pytest tests/parity`, which takes seconds.

What is left out everywhere, because it means nothing or Storm leaves it open: process ids, directories, the numbers
that Storm draws for tuple ids (they are counted as they come), times, heartbeats and their answers, and turns of a
spout in which nothing happened. A view in *italics* is compared as a multiset.
"""

MARKS = {"meant": "stricter", "open": "**differs**"}


def page() -> str:
    """The whole page."""
    verdicts = {
        (each.name, version): _verdict(each, version)
        for each in SCENARIOS
        for version in LINES
        if each.runs_on(version)
    }
    return "\n".join(
        [HEAD, *_summary(verdicts.values()), *_table(verdicts), *_deviations(), *_views(), ""]
    )


def _verdict(scenario: Scenario, version: str) -> Verdict | None:
    storm = recorded(version, scenario)
    return None if storm is None else judge(scenario, version, storm, simulate(scenario, version))


def _summary(verdicts: Iterable[Verdict | None]) -> Iterator[str]:
    found = Counter(map(_word, verdicts))
    yield (
        f"{len(SCENARIOS)} scenarios on {len(LINES)} lines of Storm, {sum(found.values())} comparisons: "
        + ", ".join(f"{number} {word}" for word, number in found.most_common())
        + ".\n"
    )


def _word(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not recorded"
    if verdict.unexplained or verdict.stale:
        return "unexplained"
    kinds = {each.kind for each in verdict.known}
    return "known to differ" if "open" in kinds else "stricter on purpose" if kinds else "the same"


def _table(verdicts: dict[tuple[str, str], Verdict | None]) -> Iterator[str]:
    yield "## Scenarios\n"
    yield f"| scenario | what it is about | compared | {' | '.join(LINES)} |"
    yield f"|---|---|---|{'---|' * len(LINES)}"
    for each in SCENARIOS:
        cells = [_cell(each, version, verdicts) for version in LINES]
        yield f"| `{each.name}` | {each.about} | {_compared(each)} | {' | '.join(cells)} |"
    yield ""
    yield "What Storm leaves open, and is compared as a multiset or not at all:\n"
    for each in SCENARIOS:
        if each.open:
            yield f"- `{each.name}`: {'; '.join(each.open)}"
    yield ""


def _compared(scenario: Scenario) -> str:
    names = [f"*{name[:-1]}*" if name.endswith("~") else name for name in scenario.compared]
    return ", ".join([*names, "end"])


def _cell(scenario: Scenario, version: str, verdicts: dict[tuple[str, str], Verdict | None]) -> str:
    if not scenario.runs_on(version):
        return "–"
    verdict = verdicts[scenario.name, version]
    if verdict is None:
        return "not recorded"
    if verdict.unexplained:
        return f"**unexplained**: {', '.join(verdict.unexplained)}"
    return ", ".join(MARKS[each.kind] for each in verdict.known) or "same"


def _deviations() -> Iterator[str]:
    yield "## Known deviations\n"
    yield "*Stricter* is on purpose; what *differs* is a defect of the simulator that is known and not mended yet.\n"
    for each in SCENARIOS:
        for deviation in each.deviations:
            yield f"- `{each.name}` ({_where(deviation)}; {', '.join(deviation.views)}): {deviation.why}"
    yield ""


def _where(deviation: Deviation) -> str:
    lines = ", ".join(deviation.lines) or "all lines"
    return f"{MARKS[deviation.kind].strip('*')}, {lines}"


def _views() -> Iterator[str]:
    yield "## What is compared\n"
    for name in VIEWS:
        yield f"- {name}: {VIEWS_TOLD[name]}"


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


VIEWS_TOLD = {name: _first_line(view.__doc__) for name, view in VIEWS.items()}


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

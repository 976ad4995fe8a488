"""The guarantee report: which laws a topology keeps, which it breaks and how, and which were not decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.engine import trees
from simulator.exploring import Case, Look
from simulator.laws.comparison import comparison_of, simplest_first
from simulator.laws.judge import Broken, Judge
from simulator.laws.table import Law
from simulator.testing import Account, shown_path, tree_lines

Verdict = Literal["held", "BROKEN", "not decided"]
MOST_LINES = 10  # about one law
MOST_WIDTH = 110
_NO_FAULT = "no fault is needed"
_OTHER_SEED = "another seed: a shuffle, or `random`, chooses something else"


@dataclass(frozen=True)
class LawReport:
    """What became of one law.

    Attributes:
        name: of the law.
        title: what the law says, in a few words.
        verdict: "held" in every run that it is about, "BROKEN", or "not decided".
        reason: of the verdict: how many runs, the smallest case, or why it was not decided.
        summary: of a broken law: what is wrong and what became of the tuples, at most ten lines.
        faults: of a broken law: the smallest case in words.
        case: the file of the smallest case, or None.
        run: which run broke it first, or None.
        broken_by: by what it was broken, and in how many runs: the smallest case first, then each thing that broke it
            alone, the simplest first.
        is_smallest: False when the search for a smaller case has ended at its limit.
        look: at the run of the smallest case, where the check was asked for pages; else None.
    """

    name: str
    title: str
    verdict: Verdict
    reason: str
    summary: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    case: str | None = None
    run: int | None = None
    broken_by: tuple[tuple[str, int], ...] = ()
    is_smallest: bool = True
    look: Look | None = field(default=None, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        return {
            "law": self.name,
            "title": self.title,
            "verdict": self.verdict.lower(),
            "reason": self.reason,
            "faults": [*self.faults],
            "summary": [*self.summary],
            "case": self.case,
            "run": self.run,
            "broken_by": dict(self.broken_by),
            "smallest": self.is_smallest,
        }


@dataclass(frozen=True, repr=False)
class Guarantees:
    """What was found out about a topology. ``str(report)`` is a table, with the smallest case of each broken law.

    Attributes:
        topology: its name.
        runs: how many runs were made, smaller and repeated ones included.
        laws: one for each law that was asked for.
        notes: what the runs had that a cluster would not, a line each.
        coverage: what was run and what is left, in one line.
        trees: where a case was replayed: the tuple trees of the fault-free run, and those of the case.
        passed: what has happened in the fault-free run, where the check was asked for pages.
    """

    topology: str
    runs: int
    laws: tuple[LawReport, ...]
    notes: tuple[str, ...] = ()
    coverage: str = ""
    trees: tuple[str, str] | None = None
    passed: Sequence[Account] = field(default=(), compare=False)

    @property
    def holds(self) -> bool:
        """True when no law is broken."""
        return not self.broken

    @property
    def broken(self) -> tuple[LawReport, ...]:
        """The laws that are broken."""
        return tuple(each for each in self.laws if each.verdict == "BROKEN")

    def __getitem__(self, name: str) -> LawReport:
        return {each.name: each for each in self.laws}[name]

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def __repr__(self) -> str:
        return f"<guarantees of {self}>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        return {
            "topology": self.topology,
            "runs": self.runs,
            "coverage": self.coverage,
            "holds": self.holds,
            "notes": [*self.notes],
            "laws": [each.as_dict() for each in self.laws],
        }


def _lines(report: Guarantees) -> Iterator[str]:
    runs = f"{report.runs} run{'s' * (report.runs != 1)}"
    yield f"{report.topology}: {report.coverage or runs}"
    yield from (f"note: {line}" for line in report.notes)
    width = max([len("law"), *(len(each.title) for each in report.laws)])
    yield f"{'law':{width}}  verdict"
    for each in report.laws:
        yield f"{each.title:{width}}  {each.verdict:11}  {_cut(each.reason)}".rstrip()
    for each in report.broken:
        yield ""
        smallest = (
            "the smallest case" if each.is_smallest else "a small case, perhaps not the smallest"
        )
        where = "" if each.run is None else f" by run {each.run}; {smallest}"
        yield f"{each.title}: BROKEN{where}:"
        if len(each.broken_by) > 1:
            yield f"  broken by {_counted(each.broken_by)}"
        yield from (f"  {line}" for line in each.summary)
        if each.look is not None and each.look.chances is not None:
            yield f"  {each.look.chances}"
        if each.case is not None:
            yield f"  case: {each.case}"


def _counted(broken_by: Sequence[tuple[str, int]]) -> str:
    """In words: ``crash (12 runs), lost-ack (1 run)``."""
    return ", ".join(
        f"{what} ({number} run{'s' * (number != 1)})" if number else what
        for what, number in broken_by
    )


def _cut(line: str) -> str:
    return line if len(line) <= MOST_WIDTH else f"{line[:MOST_WIDTH]}..."


# -- making -----------------------------------------------------------------------------------------------------


def report_of(
    name: str,
    runs: int,
    laws: Sequence[Law],
    judge: Judge,
    *,
    more: Sequence[LawReport] = (),
    notes: Sequence[str] = (),
    coverage: str = "",
    is_replay: bool = False,
    passed: Sequence[Account] = (),
) -> Guarantees:
    """Return the report of an exploration that is over.

    Args:
        name: of the topology.
        runs: how many there were.
        laws: those that were asked for.
        judge: has judged the runs.
        more: reports that come first.
        notes, coverage: see ``Guarantees``.
        is_replay: the last run was that of a case file.
        passed: see ``Guarantees``.
    """
    reports = (*more, *(_law(law, judge) for law in laws))
    trees = None
    if is_replay and judge.reference is not None and judge.last is not None:
        trees = (str(judge.reference.run.trees), str(judge.last.trees))
    return Guarantees(name, runs, reports, tuple(notes), coverage, trees, passed)


def _law(law: Law, judge: Judge) -> LawReport:
    if broken := judge.broken.get(law.name):
        words = _in_words(broken.evidence.case, judge)
        summary = _first([*words, *broken.lines], tree_lines(_lost_first(broken.evidence.trees)))
        reason = "; ".join(word for word in words if word != _NO_FAULT) or broken.lines[0]
        return LawReport(
            law.name,
            law.title,
            "BROKEN",
            reason,
            summary,
            words,
            None if broken.path is None else shown_path(broken.path),
            broken.number,
            _broken_by(law, broken, judge),
            broken.is_smallest,
            broken.look,
        )
    if law.name in judge.given_up:
        return LawReport(law.name, law.title, "not decided", judge.given_up[law.name])
    if not (judged := judge.judged[law.name]):
        return LawReport(law.name, law.title, "not decided", law.undecidable)
    return LawReport(law.name, law.title, "held", f"in {judged} run{'s' * (judged > 1)}")


def _in_words(case: Case, judge: Judge) -> tuple[str, ...]:
    """The smallest case in words; where nothing is left of it, what makes it another run than the fault-free one."""
    words = tuple(case.in_words())
    if judge.reference is not None and case.seed != judge.reference.run.case.seed:
        return words if words != (_NO_FAULT,) else (_NO_FAULT, _OTHER_SEED)
    return words


def _broken_by(law: Law, broken: Broken, judge: Judge) -> tuple[tuple[str, int], ...]:
    if judge.reference is None:
        return ()
    smallest = comparison_of(broken.evidence.case, judge.reference.run.case)
    return simplest_first(smallest, judge.broken_by[law.name])


def _lost_first(found: trees.Trees) -> trees.Trees:
    """The trees of roots that were not acked in the end, then the others."""
    ends = {(each.component, str(each.id)): each.outcome for each in found}
    return trees.Trees(
        sorted(found, key=lambda each: ends[each.component, str(each.id)] == "acked")
    )


def _first(head: Sequence[str], story: Sequence[str]) -> tuple[str, ...]:
    """At most ten lines: of what is wrong, then of the tuple trees."""
    lines = [*head[: MOST_LINES // 2], *story]
    if len(lines) <= MOST_LINES:
        return tuple(map(_cut, lines))
    left = len(lines) - MOST_LINES + 1
    return (*map(_cut, lines[: MOST_LINES - 1]), f"and {left} more lines")

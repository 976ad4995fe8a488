"""The page about parity, made of scenarios, recordings and simulations: ``python -m tests.parity.report``."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tests.parity.cluster import CLUSTER, VERSION
from tests.parity.conversations import Run
from tests.parity.record import recorded
from tests.parity.scenarios import SCENARIOS, Deviation, Scenario, scenario
from tests.parity.simulated import simulate
from tests.parity.verdicts import Verdict, Verdicts, judge, rows
from tests.parity.views import VIEWS
from tests.support.paths import ROOT
from tests.support.storm_lines import LINES

PAGE = ROOT / "docs" / "parity.md"

HEAD = """\
# Parity

Why believe the simulator? Because the same topologies, with the same components, run on real Storms and in simulations
of them, and what is said on both sides is compared: message by message, task by task. This page is the outcome. It is
made by `python -m tests.parity.report`, from the table in `tests/parity/scenarios.py` and the conversations in
`tests/parity/recorded`, and a test says that it is up to date.

Each component of a scenario runs behind a small recorder that copies what Storm and the component say to each other,
and writes it down. On the real side that is a LocalCluster of each line, and a cluster for what crashes and is started
again; `make parity` records anew, in twenty minutes, and fails on any drift. Without Java the recorded conversations
are compared: `python -m pytest tests/parity`, which takes seconds. A worker of a LocalCluster that dies would take the
cluster's JVM along: the exit that it asks for is refused, and noted with the words that it logs. One that neither goes
on nor exits has *hung*: its words are those that it finds once its components are ended from outside.

What is left out everywhere, because it means nothing or Storm leaves it open: process ids, directories, the numbers
that Storm draws for tuple ids (they are counted as they come), times, heartbeats and their answers, and turns of a
spout in which nothing happened. A view in *italics* is compared as a multiset.
"""

SHARP = """\
## Would the scenarios see it?

`tests/parity/test_broken_rules.py` breaks 24 of Storm's rules in the simulator, one by one: the hash of a long, the
order of a reply, the second rotation, the ack inside of an emit without ackers, who is ticked, an unknown field, and so
on. A scenario sees each of them.

`python -m tests.parity.mutate` changes one operator, number or condition of a module at a time, and compares the
scenarios on 2.8.3 and 0.9.4, those that need no processes. What they do not see is shown to the module's own tests.
Of `acker` every mutant was tried, of the others every fourth, of `tasks` every ninth:

| module | mutants | seen by scenarios | by its own tests | by nobody |
|---|---|---|---|---|
| `acker` | 29 | 12 | 17 | 0 |
| `groupings` | 17 | 7 | 8 | 2 |
| `tasks` | 24 | 11 | 4 | 9 |
| `clj` | 18 | 8 | 4 | 6 |
| `topology` | 64 | 17 | 21 | 26 |

What nobody saw, and why:

- sizes that change nothing but speed, memory or an error's length (`groupings` 2, `clj` 3, `tasks` 2, `topology` 4)
- flags of data classes and defaults that the engine always gives (`tasks` 2, `topology` 4)
- warnings of `topology`: the tests that look at them are those of `clj`, which its mutants are not shown to (9)
- the least values of three settings, the tick of a whole topology and its range, and an odd metrics consumer: looked at
  in tests of `clj` and `handshake`, tried by no scenario (`topology` 7)
- the order of names in an error, and a stub's command (`topology` 2)
- the quick way of reading many messages at once instead of one by one, which has the same outcome (`tasks` 1)
- syncs after an error that user code sends by hand: a heartbeat too few is made up for by the next (`tasks` 2)
- task ids for a library that answers when it likes, which only scenarios with processes have (`tasks` 2)
- the line of bytes that are no UTF-8, and definitions too short or too long, refused either way (`clj` 3)
"""

MARKS = {"meant": "meant", "open": "differs"}
TOLD = {"same": "the same", "differs": "known to differ", "meant": "different on purpose"}


def page() -> str:
    """The whole page."""
    verdicts = {
        (each.name, version): _verdict(each, version)
        for each in SCENARIOS
        for version in LINES
        if each.runs_on(version)
    }
    return "\n".join(
        [
            HEAD,
            *_summary(verdicts.values()),
            *_table(verdicts),
            *_crashes(),
            *_deviations(),
            SHARP,
            *_refusals(),
            *_views(),
            "",
        ]
    )


def _verdict(scenario: Scenario, version: str) -> Verdict | None:
    storm = recorded(version, scenario)
    return None if storm is None else judge(scenario, version, storm, simulate(scenario, version))


def _summary(verdicts: Iterable[Verdict | None]) -> Iterator[str]:
    found = Counter("not recorded" if each is None else each.word for each in verdicts)
    yield (
        f"{len(SCENARIOS)} scenarios on {len(LINES)} lines of Storm, {sum(found.values())} comparisons: "
        + ", ".join(f"{number} {TOLD.get(word, word)}" for word, number in found.most_common())
        + ".\n"
    )


def _table(verdicts: Verdicts) -> Iterator[str]:
    yield "## Scenarios\n"
    yield f"| scenario | what it is about | compared | {' | '.join(LINES)} |"
    yield f"|---|---|---|{'---|' * len(LINES)}"
    for name, *cells in rows(verdicts, LINES):
        each = scenario(name)
        words = map(_stressed, cells)
        yield f"| `{name}` | {each.about} | {_compared(each)} | {' | '.join(words)} |"
    yield ""
    yield "What Storm leaves open, and is compared as a multiset or not at all:\n"
    for each in SCENARIOS:
        if each.open:
            yield f"- `{each.name}`: {'; '.join(each.open)}"
    yield ""


CRASHES = f"""\
## Crash and restart, on a real cluster of {VERSION}

A LocalCluster ends with its worker. These were recorded on ZooKeeper, Nimbus and a supervisor, each a process of its
own, from the table in `tests/parity/cluster.py`: a component dies once, and the supervisor starts its worker again.
Each life of a task is a conversation of its own, and all of them are compared: who is started again with whom, what
each is told when it is, and what each life of a spout hears of its tuples. The scheduler is among it: executors are
dealt in turn to the workers, in the order of their ids, and who is in one worker dies together. A simulation restarts
in no time; a cluster takes seconds, in which what is sent to the dead worker is dropped, and fails in its time."""


def _crashes() -> Iterator[str]:
    yield CRASHES + "\n"
    yield f"| scenario | what it is about | compared | {VERSION} |"
    yield "|---|---|---|---|"
    verdicts = {(each.name, VERSION): _verdict(each, VERSION) for each in CLUSTER}
    for (name, word), each in zip(rows(verdicts, [VERSION]), CLUSTER, strict=True):
        yield f"| `{name}` | {each.about} | {_compared(each)} | {_stressed(word)} |"
    yield ""
    yield "What is open there, and is not compared:\n"
    yield from (f"- `{each.name}`: {'; '.join(each.open)}" for each in CLUSTER if each.open)
    yield ""
    for each in CLUSTER:
        for deviation in each.deviations:
            yield f"`{each.name}` {MARKS[deviation.kind]} in {', '.join(deviation.views)}: {deviation.why}\n"


def _stressed(word: str) -> str:
    return word if word in ("–", "same", "meant") else f"**{word}**"


def _compared(scenario: Scenario) -> str:
    names = [f"*{name[:-1]}*" if name.endswith("~") else name for name in scenario.compared]
    return ", ".join([*names, "end"])


def _deviations() -> Iterator[str]:
    yield "## Known deviations\n"
    yield (
        "What is *meant* is stricter or plainer than a Storm on purpose; what *differs* is a defect of the simulator "
        "that is known and not mended yet.\n"
    )
    scenarios: dict[str, list[str]] = {}
    for each in SCENARIOS:
        for deviation in each.deviations:
            scenarios.setdefault(_told(deviation), []).append(f"`{each.name}`")
    for told, names in scenarios.items():
        yield f"- {told}: {', '.join(names)}"
    yield ""


def _told(deviation: Deviation) -> str:
    lines = ", ".join(deviation.lines) or "all lines"
    return f"{deviation.why} ({MARKS[deviation.kind]}, {lines}; {', '.join(deviation.views)})"


REFUSALS = """\
## Refused topologies: in whose words

Only the refusal is compared. What Storm says of it stands here as it is, and what the simulator says beside it.

| scenario | Storm | the simulator |
|---|---|---|"""


def _refusals() -> Iterator[str]:
    yield REFUSALS
    for each in SCENARIOS:
        storms = {
            version: words for version in LINES if (words := _refusal(recorded(version, each)))
        }
        if storms:
            ours = _refusal(simulate(each, list(storms)[-1]))
            yield f"| `{each.name}` | {_by_line(storms)} | {_in_cell(ours)} |"
    yield ""


def _refusal(run: Run | None) -> str:
    kind, _, words = (run.end if run else "").partition(": ")
    return words if kind == "refused" else ""


def _by_line(words: Mapping[str, str]) -> str:
    """Each of the different wordings, with the lines that use it where there are several."""
    found: dict[str, list[str]] = defaultdict(list)
    for version, text in words.items():
        found[text].append(version)
    if len(found) == 1:
        return _in_cell(next(iter(found)))
    return "<br>".join(f"{', '.join(lines)}: {_in_cell(text)}" for text, lines in found.items())


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


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

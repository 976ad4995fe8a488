"""Write docs/parity.md from scenarios, recordings and simulations: ``python -m tests.parity.report``."""

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
from tests.support.storm_lines import LINES, VERSIONS

PAGE = ROOT / "docs" / "parity.md"

HEAD = """\
# Parity with real Storms

This page compares the simulator with real Storms. The same topologies with the same components run on real Storms of
several versions and in simulations of them. What is said on both sides is compared, message by message and task by
task. Each topology with its components is a *scenario*.

[Parity under load](parity-load.md) compares how long things take where work takes time.

`python -m tests.parity.report` writes this page from the table in `tests/parity/scenarios.py` and the conversations in
`tests/parity/recorded`. A test checks that it is up to date.

## How it works

- **Recording.** Each component of a scenario runs behind a small recorder. It copies what Storm and the component send
  to each other into a file. The real side is a LocalCluster of each version, and a cluster for crashes and restarts.
  `make parity` records again. It takes most of an hour and fails if anything differs from the recorded conversations.
- **Comparison.** `python -m pytest tests/parity` compares simulations with the recorded conversations. It needs no Java
  and takes seconds.
- **Workers that die.** In a LocalCluster, a worker that dies would end the cluster's JVM. So its exit is refused, and
  noted with the text that Storm logs.
- **Workers that hang.** A worker that neither continues nor exits has *hung*. Its text is the one that it reports when
  its components are ended from outside.
- **Left out.** Some things have no meaning or are left open by Storm: process ids, directories, the numbers that Storm
  draws for tuple ids (they are counted in the order in which they come), times, heartbeats and their answers, and turns
  of a spout in which nothing happened.

The column *compared* names views of a conversation; the section [What is compared](#what-is-compared) explains them. A
view in *italics* is compared as a multiset: in any order.

| result | meaning |
|---|---|
| same | the simulation does what this Storm did |
| intended | it differs on purpose; see [known deviations](#known-deviations) |
| **defect** | it differs, and this is a known defect of the simulator |
| – | the scenario does not apply to this version |
"""

#: What each version is compared for.
WHY: Mapping[str, str] = {
    "0.9.4": "the last that dies of a spout's error",
    "0.9.7": "the last of 0.9; a worker dies without waiting for its components' stderr",
    "0.10.2": "the last of 0.10",
    "1.0.6": "1.0, the last line that does not send `activate`",
    "1.1.3": "1.1",
    "1.2.4": "the last of 1.x, and the only one without Java's own serialization between workers",
    "2.0.0": "the first of 2.x, with Java's own serialization again",
    "2.4.0": "without it; messages are read by the same JSON library as before",
    "2.7.1": "the last before 2.8; messages are read by another JSON library",
    "2.8.3": "the newest that could be resolved",
}

NEWER = """
The versions in bold run in all tests of real Storms (`make test-storm`). Of the others, these conversations were
recorded once. `tests/support/storm_lines.py` says how each version is resolved.

2.8.4 to 2.8.8 were not recorded: 2.8.4 lacked its parent POM, and the others their jars. Storm's source has no change
from 2.8.3 to 2.8.8 that a component could see. With that POM from its tag, 2.8.4 made the StormTopology of every
scenario as 2.8.3 does, without storm-clojure, and ran the examples `streams` and `polyglot` as simulated (`sparse run
--thrift`).
"""

SHARP = """\
## Would a scenario notice a broken rule?

`tests/parity/test_broken_rules.py` breaks 29 of Storm's rules in the simulator, one after another: the hash of a long,
the order of a reply, the second rotation, the ack inside an emit without ackers, which tasks get ticks, an unknown
field, and others. A scenario notices each of them.

`python -m tests.parity.mutate` tests the scenarios by *mutation*: it changes one operator, number or condition of a
module at a time and compares the scenarios on 2.8.3 and 0.9.4 that need no processes. A mutant that no scenario notices
is given to the module's own tests. All mutants of `acker` were tried, every fourth of the others, and every ninth of
`tasks`. The names are those of the modules when this was measured; `clj`, `tasks` and `topology` have been split since.

| module | mutants | noticed by scenarios | by its own tests | by nothing |
|---|---|---|---|---|
| `acker` | 29 | 12 | 17 | 0 |
| `groupings` | 17 | 7 | 8 | 2 |
| `tasks` | 24 | 11 | 4 | 9 |
| `clj` | 18 | 8 | 4 | 6 |
| `topology` | 64 | 17 | 21 | 26 |

The mutants that nothing noticed, and why:

- Sizes that affect only speed, memory or the length of an error (`groupings` 2, `clj` 3, `tasks` 2, `topology` 4).
- Flags of data classes, and defaults that the engine always overrides (`tasks` 2, `topology` 4).
- Warnings of `topology`: they are tested in the tests of `clj`, which the mutants of `topology` are not given to (9).
- The least values of three settings, the tick of a whole topology and its range, and an unusual metrics consumer: they
  are tested in the tests of `clj` and `handshake`, and by no scenario (`topology` 7).
- The order of names in an error, and the command of a stub (`topology` 2).
- The fast path that reads many messages at once instead of one by one, with the same result (`tasks` 1).
- Syncs after an error that user code sends itself: the next heartbeat makes up for a missing one (`tasks` 2).
- Task ids for a library that answers at any time: only scenarios with processes have it (`tasks` 2).
- The line number of bytes that are not UTF-8, and definitions that are too short or too long, which are refused in both
  cases (`clj` 3).
"""

TOLD = {
    "same": "the same",
    "defect": "different by a known defect",
    "intended": "different on purpose",
}


def page() -> str:
    """The whole page."""
    verdicts = {
        (each.name, version): _verdict(each, version)
        for each in SCENARIOS
        for version in VERSIONS
        if each.runs_on(version)
    }
    return "\n".join(
        [
            HEAD,
            *_versions(),
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


def _versions() -> Iterator[str]:
    yield "## Versions\n"
    yield "| version | what it is compared for |"
    yield "|---|---|"
    for version in VERSIONS:
        yield f"| {f'**{version}**' if version in LINES else version} | {WHY[version]} |"
    yield NEWER


def _verdict(scenario: Scenario, version: str) -> Verdict | None:
    storm = recorded(version, scenario)
    return None if storm is None else judge(scenario, version, storm, simulate(scenario, version))


def _summary(verdicts: Iterable[Verdict | None]) -> Iterator[str]:
    found = Counter("not recorded" if each is None else each.word for each in verdicts)
    yield (
        f"**Result:** {len(SCENARIOS)} scenarios on {len(VERSIONS)} versions of Storm, {found.total()} comparisons: "
        + ", ".join(f"{number} {TOLD.get(word, word)}" for word, number in found.most_common())
        + ".\n"
    )


def _table(verdicts: Verdicts) -> Iterator[str]:
    yield "## Scenarios\n"
    yield f"| scenario | what it is about | compared | {' | '.join(VERSIONS)} |"
    yield f"|---|---|---|{'---|' * len(VERSIONS)}"
    for name, *cells in rows(verdicts, VERSIONS):
        each = scenario(name)
        words = map(_stressed, cells)
        yield f"| `{name}` | {each.about} | {_compared(each)} | {' | '.join(words)} |"
    yield ""
    yield "Storm leaves some things open. They are compared as a multiset or not at all:\n"
    for each in SCENARIOS:
        if each.open:
            yield f"- `{each.name}`: {'; '.join(each.open)}"
    yield ""


CRASHES = f"""\
## Crash and restart, on a real cluster of {VERSION}

A LocalCluster ends with its worker. So these scenarios were recorded on a cluster: ZooKeeper, Nimbus and a supervisor,
each a process of its own. Their table is in `tests/parity/cluster.py`. In each scenario a component dies once, and the
supervisor starts its worker again.

When a process is restarted, its conversation is compared as a separate one. All conversations are compared: which
components are restarted together, what each of them is sent at the restart, and which acks and fails each process of a
spout gets. This also tests the scheduler: executors are assigned to the workers in turn, in the order of their ids, and
all components of a worker die together.

A simulation restarts a worker in zero virtual time. A cluster needs seconds. Tuples that are sent to the dead worker in
these seconds are dropped, and fail by timeout."""


def _crashes() -> Iterator[str]:
    yield CRASHES + "\n"
    yield f"| scenario | what it is about | compared | {VERSION} |"
    yield "|---|---|---|---|"
    verdicts = {(each.name, VERSION): _verdict(each, VERSION) for each in CLUSTER}
    for (name, word), each in zip(rows(verdicts, [VERSION]), CLUSTER, strict=True):
        yield f"| `{name}` | {each.about} | {_compared(each)} | {_stressed(word)} |"
    yield ""
    yield "Left open by Storm, and not compared:\n"
    yield from (f"- `{each.name}`: {'; '.join(each.open)}" for each in CLUSTER if each.open)
    yield ""
    for each in CLUSTER:
        for deviation in each.deviations:
            yield f"`{each.name}`: {deviation.kind} in {', '.join(deviation.views)}; {deviation.why}\n"


def _stressed(word: str) -> str:
    return word if word in ("–", "same", "intended") else f"**{word}**"


def _compared(scenario: Scenario) -> str:
    names = [f"*{name[:-1]}*" if name.endswith("~") else name for name in scenario.compared]
    return ", ".join([*names, "end"])


def _deviations() -> Iterator[str]:
    yield "## Known deviations\n"
    yield (
        "*Intended* deviations are stricter or simpler than a Storm on purpose. A *defect* of the simulator is known "
        "and not fixed yet. Each line ends with the kind, the versions of Storm, the views that differ, and the "
        "scenarios.\n"
    )
    scenarios: dict[str, list[str]] = {}
    for each in SCENARIOS:
        for deviation in each.deviations:
            scenarios.setdefault(_told(deviation), []).append(f"`{each.name}`")
    for told, names in scenarios.items():
        yield f"- {told}: {', '.join(names)}"
    yield ""


def _told(deviation: Deviation) -> str:
    lines = ", ".join(deviation.lines) or "all versions"
    return f"{deviation.why} ({deviation.kind}, {lines}; {', '.join(deviation.views)})"


REFUSALS = """\
## Refused topologies: the error texts side by side

Only the refusal itself is compared. The table shows the text of Storm and the text of the simulator.

| scenario | Storm | the simulator |
|---|---|---|"""


def _refusals() -> Iterator[str]:
    yield REFUSALS
    for each in SCENARIOS:
        storms = {
            version: words for version in VERSIONS if (words := _refusal(recorded(version, each)))
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
    yield "| view | what it contains |\n|---|---|"
    for name in VIEWS:
        yield f"| {name} | {_in_cell(VIEWS_TOLD[name].removesuffix('.'))} |"


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


VIEWS_TOLD = {name: _first_line(view.__doc__) for name, view in VIEWS.items()}


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

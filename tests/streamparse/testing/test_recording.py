"""Recordings that a test has made: the same in both modes, and no other trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.testing import HarnessError
from simulator.transports import temporary_directory
from streamparse.recordings import read_recordings
from streamparse.testing import Storm

ROWS = [["dog"], ["cat"], ["dog"]]


def _run(project: Path, mode: Any, **more: Any) -> str:
    with Storm(project, mode=mode) as storm:
        topology = storm.topology("words", spouts={"word-spout": ROWS}, **more)
        topology.complete()
        return "".join(event.to_line() for event in topology.trace.events_from(0))


def test_both_modes_record_the_same_and_the_trace_stays(counting_project: Path) -> None:
    traces, found = {_run(counting_project, "inprocess")}, []
    for mode in ("inprocess", "process"):
        directory = counting_project / mode
        directory.mkdir()
        settings = {"count-bolt": {"redact": ["word"]}}
        traces.add(_run(counting_project, mode, record=settings, record_into=directory))
        recordings = [
            each for path in sorted(directory.glob("*.jsonl*")) for each in read_recordings(path)
        ]
        found.append([(each.head, each.said, each.end) for each in recordings])
    assert (len(traces), len(found[0])) == (1, 2)
    assert found[0] == found[1]


def _times(directory: Path) -> list[int]:
    """The times of the last messages of recordings in which something was said."""
    found = [each for path in directory.glob("*.jsonl*") for each in read_recordings(path)]
    assert all(each.head.clock == "virtual" for each in found)
    return sorted(each.said[-1].us or 0 for each in found if len(each.said) > 2)


SLOW = [["dog"]] * 3


def test_what_settings_have_recorded_has_virtual_times(counting_project: Path) -> None:
    conf = {"streamparse.record": True, "streamparse.log.path": str(counting_project)}
    with Storm(counting_project) as storm:
        for mode in ("inprocess", "process"):
            topology = storm.topology(
                "words", spouts={"word-spout": SLOW}, component_conf={"count-bolt": conf}, mode=mode
            )
            topology.complete()
    (in_process, processes) = _times(counting_project)
    assert in_process == processes > 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_of_explore_is_recorded_where_it_asks_itself(
    jobs: int, counting_project: Path
) -> None:
    conf = {"streamparse.record": True, "streamparse.log.path": str(counting_project)}
    with Storm(counting_project) as storm:
        for run in storm.explore(4, vary=[], faults=["fail"], jobs=jobs):
            record = ["count-bolt"] if run.number % 2 else []
            into = counting_project if record else None
            more: dict[str, Any] = {"record": record, "record_into": into, "conf": conf}
            with run.topology("words", spouts={"word-spout": SLOW}, **more) as topology:
                topology.advance(0.1)
        assert [*Path(temporary_directory()).glob("storm-clock-*")] == []
    times = _times(counting_project)
    assert (len(times), min(times) > 0) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"record": "count-bolt"},
            "record='count-bolt': expected a list of ids, such as ['count-bolt']",
        ),
        (
            {"record": ["count-bolt"]},
            "record_into: expected an existing directory for the recordings",
        ),
        (
            {"record": ["count-bolt"], "record_into": "/none"},
            "record_into='/none': expected an existing directory for the recordings",
        ),
        (
            {"record": ["count-blot"], "record_into": "."},
            "record='count-blot': there is no component 'count-blot' (did you mean \"count-bolt\"?)",
        ),
        (
            {"record": {"count-bolt": {"tuples": 0}}, "record_into": "."},
            "streamparse.record.components.count-bolt.tuples is 0; expected a number of at least 1",
        ),
        ({"record_into": "."}, "record_into= has no use; expected record= as well, with ids"),
        (
            {"record": ["word-spout"], "record_into": "."},
            "record='word-spout': 'word-spout' does not run, for its rows are given; expected a component that runs",
        ),
    ],
)
def test_mistakes_are_one_line(
    arguments: dict[str, Any], words: str, counting_project: Path
) -> None:
    with Storm(counting_project) as storm, pytest.raises(HarnessError) as caught:
        storm.topology("words", spouts={"word-spout": ROWS}, **arguments)
    assert str(caught.value) == words

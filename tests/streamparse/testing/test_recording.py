"""Recordings that a test has made: the same in both modes, and no other trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.testing import HarnessError
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
        for each in recordings:
            del each.said[0]  # the handshake has the directory
        found.append([(each.head, each.said, each.end) for each in recordings])
    assert (len(traces), len(found[0])) == (1, 2)
    assert found[0] == found[1]


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
            "record='count-blot': there is no such component (did you mean \"count-bolt\"?)",
        ),
        (
            {"record": {"count-bolt": {"tuples": 0}}, "record_into": "."},
            "streamparse.record.components.count-bolt.tuples is 0; expected a number of at least 1",
        ),
        ({"record_into": "."}, "record_into= has no use; expected record= as well, with ids"),
    ],
)
def test_mistakes_are_one_line(
    arguments: dict[str, Any], words: str, counting_project: Path
) -> None:
    with Storm(counting_project) as storm, pytest.raises(HarnessError) as caught:
        storm.topology("words", spouts={"word-spout": ROWS}, **arguments)
    assert str(caught.value) == words

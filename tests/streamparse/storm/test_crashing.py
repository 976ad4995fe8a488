"""Crashes that a simulator orders inside a component: the message is written, and nothing behind it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from streamparse.storm.crashing import acting_lines

CODE = """
import sys
from streamparse.multilang import TextOutbox
from streamparse.storm.crashing import armed

outbox = armed(TextOutbox(sys.stdout), {left}, ["tick"])
try:
    for message in [{{"command": "ack", "id": "tick"}}, {{"command": "emit"}}, {{"command": "ack", "id": "1"}}]:
        outbox.send(message, lambda message: message["command"])
finally:
    print("behind", flush=True)
"""


@pytest.mark.parametrize(
    ("left", "written", "status"),
    [
        ({"emit": 1}, ["ack", "emit"], -signal.SIGKILL),
        ({"ack": 1}, ["ack", "emit", "ack"], -signal.SIGKILL),
        ({"ack": 2}, ["ack", "emit", "ack", "behind"], 0),
        ({}, ["ack", "emit", "ack", "behind"], 0),
    ],
)
def test_the_process_ends_behind_the_message(
    left: dict[str, int], written: list[str], status: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(left=left)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert (done.stdout.replace("\nend", "").split(), done.returncode) == (written, status)


def initialize(self, storm_conf, context):  # type: ignore[no-untyped-def]  # as users write it
    self.counts = {}
    made = storm_conf["made"]
    if "table" not in made:
        made["table"] = True
    for name in made:
        self.first = name
        self.log(name)
    context.seen = True
    del made["table"]


def test_a_line_acts_where_it_calls_or_changes_what_is_not_the_components() -> None:
    first = initialize.__code__.co_firstlineno
    assert sorted(line - first for line in acting_lines(initialize.__code__)) == [4, 7, 8, 9]

"""Components that are processes: those that misbehave as only processes can, and an observer of what is said."""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
from pathlib import Path

import pytest

from simulator import RUN_CONF, simulate
from simulator.clj import parse_topology
from simulator.engine import Simulation, Start
from simulator.model import Component
from simulator.transports import Processes
from tests.support.table_top import HERE, bolt, one_bolt, run, spout, topology_text

BOLT = bolt("b", "Obeys", outputs='["a"]')


def test_half_a_message_and_an_exit_status_are_shown() -> None:
    done = run(one_bolt('[["half-a-message"]]'), mode="process")
    assert (
        'ended with exit status 7 in the middle of a message: b\'{"command": "em\'' in done.finding
    )


def test_bytes_that_are_no_utf_8_are_shown() -> None:
    done = run(one_bolt('[["invalid-utf8"]]'), mode="process")
    assert 'no UTF-8 (at byte 13): b\'{"command": "\\xff\\xfe"}\'' in done.finding


def test_a_component_that_floods_its_stdout_is_stopped() -> None:
    done = run(one_bolt('[["flood-stdout"]]'), mode="process")
    assert "MiB on stdout without an answer" in done.finding


def test_a_component_that_floods_its_stderr_is_not() -> None:
    done = run(one_bolt('[["flood-stderr"]]'), mode="process")
    assert done.said("s")[1:] == ["acked 0"]


def test_a_component_that_closes_its_stdout_is_told() -> None:
    done = run(one_bolt('[["close-stdout"]]'), mode="process")
    assert "b[3]: closed its stdout and runs on" in done.finding


@pytest.mark.parametrize(
    ("command", "finding"),
    [
        ('["no-such-command"]', "cannot be started: no-such-command: No such file or directory"),
        ('["./parts.py"]', "cannot be started: ./parts.py: Permission denied"),
        ('["true"]', "ended with exit status 0"),
        ('["sh" "-c" "echo oops >&2; exit 9"]', "ended with exit status 9"),
    ],
)
def test_a_command_that_cannot_run_is_named(command: str, finding: str) -> None:
    text = topology_text(spout("[]"), f'"b" (shell-bolt-spec {{"s" :shuffle}} {command} [])')
    done = run(text, mode="process")
    assert finding in done.finding
    if "oops" in command:
        assert done.report.failures[0].stderr == "oops\n"


OWN = """
from streamparse import Bolt

class Own(Bolt):
    def process(self, tup):
        self.emit([1], stream="nowhere")

if __name__ == "__main__":
    Own().run()
"""


@pytest.mark.parametrize(
    "command",
    [
        '["{python}" "-m" "streamparse.run" "own.Own"]',
        '["{python}" "own.py"]',
        '["{python}" "./own.py"]',
        '["sh" "-c" "{python} -m streamparse.run own.Own"]',
        '["env" "{python}" "own.py"]',
    ],
)
def test_a_broken_protocol_names_the_users_line_however_the_component_was_started(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    text = topology_text(
        '"s" (python-spout-spec options "once.Once" ["a"])',
        f'"b" (shell-bolt-spec {{"s" :shuffle}} {command.format(python=sys.executable)} [])',
    )
    (tmp_path / "once.py").write_text(
        "from streamparse import Spout\nclass Once(Spout):\n    def next_tuple(self): self.emit([1])\n"
    )
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    report = simulate(
        parse_topology(text, options=conf), conf=conf, cwd=str(tmp_path), mode="process"
    )
    assert [(each.component, each.place) for each in report.failures] == [
        ("b", f"{tmp_path / 'own.py'}:6")
    ]


# -- observing


class Conversation:
    """Keeps the bytes in both directions, by task."""

    def __init__(self) -> None:
        self.to: dict[int, bytes] = {}
        self.of: dict[int, bytes] = {}

    def written(self, task: int, data: bytes) -> None:
        self.to[task] = self.to.get(task, b"") + data

    def read(self, task: int, data: bytes) -> None:
        self.of[task] = self.of.get(task, b"") + data


def test_an_observer_sees_the_bytes_in_both_directions() -> None:
    conf = {**RUN_CONF, "topology.python.path": sys.executable}
    topology = parse_topology(one_bolt('[["ack-it"]]'), options=conf)
    conversation = Conversation()
    with Processes(cwd=HERE, observer=conversation) as processes:
        simulation = Simulation(topology, transport=processes, conf=conf)
        simulation.open()
        simulation.run(None, stop_when_idle=True)
        (task,) = simulation.wiring.task_ids["b"]
        ending = processes.end_input(task, lambda waited: False)
        directory = processes.pid_dir
    written, read = (
        [json.loads(each) for each in data[task].split(b"\nend\n")[:-1]]
        for data in (conversation.to, conversation.of)
    )
    assert written[0]["pidDir"] == directory
    assert [each["stream"] for each in written[1:]] == ["__heartbeat", "default", "__heartbeat"]
    assert read[1:] == [
        {"command": "sync"},
        {"command": "ack", "id": written[2]["id"]},
        {"command": "sync"},
        {"command": "log", "msg": "Storm has closed the pipe; ending", "level": 2},
    ]
    assert ending.status == 0


def test_a_component_that_outlives_its_input_is_waited_for_as_long_as_the_caller_wants() -> None:
    sleeps = Component(id="b", kind="bolt", command=("sleep", "1000"))
    with Processes(cwd=HERE) as processes:
        processes.start([Start(3, sleeps, 0, "seed")])
        ending = processes.end_input(3, lambda waited: waited.asleep_seconds >= 0.05)
        assert ending.status is None
        processes.kill([3])


def test_a_component_that_is_killed_does_not_see_the_end_of_its_input(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    for number in range(20):  # who saw it would have the time to say so in some of them
        reads = ("sh", "-c", f": >{begun}; read line || : >{tmp_path}/seen{number}")
        with Processes(cwd=HERE) as processes:
            processes.start([Start(3, Component(id="b", kind="bolt", command=reads), 0, "seed")])
            begun.read_bytes()
            processes.kill([3])
    assert [*tmp_path.iterdir()] == [begun]


def test_a_topology_of_200_tasks_runs() -> None:
    text = topology_text(
        spout("[" + '["x"] ' * 8 + "]"),
        bolt("a", "Pass", outputs='["a"]', rest=":p 100")
        + bolt("b", "Pass", '{"a" :shuffle}', '["a"]', ":p 99"),
    )
    done = run(text, mode="process")
    assert (done.report.stopped, done.report.components["s"].acked) == ("idle", 8)


def test_a_fork_server_that_is_killed_ends_the_run_and_every_component(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    text = topology_text(spout(f'[["kill-fork-server" "{pid_file}"]]', outputs='["a" "b"]'), BOLT)
    done = run(text, mode="process")
    assert "the fork server of the component processes is gone" in done.finding
    assert done.report.components["s"].emitted == {"default": 1}  # the report so far
    has_ended(int(pid_file.read_text()))


def test_where_a_death_restarts_the_worker_there_is_a_new_fork_server(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    rows = f'[["kill-fork-server" "{pid_file}"]]'
    text = topology_text(spout(rows, outputs='["a" "b"]'), BOLT)
    done = run(text, mode="process", on_crash="restart")
    assert (done.report.components["b"].restarts, done.report.stopped) == (1, "idle")
    has_ended(int(pid_file.read_text()))


def has_ended(pid: int) -> None:
    """Return when a process has ended."""
    with contextlib.suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        select.select([process], [], [])
        os.close(process)

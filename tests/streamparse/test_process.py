"""A component process's two ends of the protocol, on real pipes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from streamparse.process import GATHER_BYTES, Input, Output
from tests.support.component_process import Talk
from tests.support.messages import tup


class Ends:
    """Both pipes of one component, with our ends of them."""

    def __init__(self) -> None:
        self.stdin_r, self.stdin_w = os.pipe()
        self.stdout_r, self.stdout_w = os.pipe()
        self.output = Output(self.stdout_w)
        self.input = Input(self.stdin_r, self.output)

    def heard(self) -> str:
        os.set_blocking(self.stdout_r, False)
        try:
            return os.read(self.stdout_r, 1 << 20).decode()
        except BlockingIOError:
            return ""

    def say(self, text: str) -> None:
        self.output.write(text)
        self.output.flush()


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    for fd in (made.stdin_r, made.stdin_w, made.stdout_r, made.stdout_w):
        with suppress(OSError):  # a test has closed it
            os.close(fd)


def test_with_one_message_at_hand_everything_is_written_at_once(ends: Ends) -> None:
    os.write(ends.stdin_w, b"[1]\nend\n")
    assert ends.input.receive() == "[1]"
    ends.say("a")
    assert ends.heard() == "a"


def test_with_several_at_hand_what_is_said_is_gathered_until_the_component_would_wait(
    ends: Ends,
) -> None:
    os.write(ends.stdin_w, b"[1]\nend\n[2]\nend\n")
    reading = [ends.input.receive()]
    ends.say("a")
    reading.append(ends.input.receive())
    ends.say("b")
    os.close(ends.stdin_w)
    reading.append(ends.input.receive())
    assert reading == ["[1]", "[2]", None]
    assert ends.heard() == "ab"


def test_what_is_gathered_is_written_while_a_slow_message_is_worked_on(ends: Ends) -> None:
    os.write(ends.stdin_w, b"[1]\nend\n[2]\nend\n")
    for _ in range(2):  # the thread is awake, then woken again
        ends.input.receive()
        ends.say("ack")
        assert os.read(ends.stdout_r, 100) == b"ack"  # waits for it, and would for ever
        os.write(ends.stdin_w, b"[3]\nend\n[4]\nend\n")
        ends.input.receive()


def test_much_is_written_before_all_is_done(ends: Ends) -> None:
    os.write(ends.stdin_w, b"[1]\nend\n[2]\nend\n")
    ends.input.receive()
    ends.say("x" * GATHER_BYTES)
    assert len(ends.heard()) == GATHER_BYTES


def test_a_pipe_that_breaks_in_a_message_ends_the_component_with_a_status(ends: Ends) -> None:
    os.write(ends.stdin_w, b'{"command')
    os.close(ends.stdin_w)
    with pytest.raises(SystemExit, match=r"broke in a message: b'\{"):
        ends.input.receive()


def test_a_message_larger_than_the_pipe_is_read_and_written_whole(ends: Ends) -> None:
    text = "é" * 500_000
    feeder = threading.Thread(target=_write_all, args=(ends.stdin_w, f"{text}\nend\n".encode()))
    feeder.start()
    assert ends.input.receive() == text
    feeder.join()
    teller = threading.Thread(target=ends.say, args=(text,))
    teller.start()
    heard = b""
    while len(heard) < 1_000_000:
        heard += os.read(ends.stdout_r, 1 << 16)
    teller.join()
    assert heard.decode() == text


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def test_whatever_is_printed_at_whatever_level_stays_out_of_the_protocol(components: Path) -> None:
    talk = Talk(
        components,
        ["-m", "streamparse.run", "noisy.Noisy"],
        **{"streamparse.log.path": str(components / "logs")},
    )
    talk.say(tup("1", "dog"))
    messages, err, status = talk.end()
    assert messages == [{"pid": talk.process.pid}, {"command": "ack", "id": "1"}]
    assert [text in err for text in ("while importing", "from a child", "in the", "from C")] == [
        True
    ] * 4
    assert "to the real one" in err
    assert status == 0
    log = (components / f"logs/streamparse_t_b_4_{talk.process.pid}.log").read_text()
    assert "streamparse.stdout - INFO - a print ['dog']" in log
    assert "streamparse.storm.component.b - WARNING - a warning" in log
    assert "a debug record" not in log


def test_a_script_that_runs_its_own_bolt_is_protected_too(components: Path) -> None:
    talk = Talk(components, ["alone.py"], **{"streamparse.log.path": str(components / "logs")})
    talk.say(tup("1", "dog"))
    messages, _, _ = talk.end()
    assert messages[1:] == [
        {"command": "emit", "tuple": ["dog"], "anchors": ["1"], "need_task_ids": False},
        {"command": "ack", "id": "1"},
    ]


def test_a_looping_component_shows_its_stack_when_asked(components: Path) -> None:
    talk = Talk(components, ["-m", "streamparse.run", "looping.Loops"])
    talk.say(tup("1", "dog"))
    while talk.hear().get("msg") != "begun":
        pass
    innermost = talk.stack()
    talk.process.kill()
    talk.end()
    assert 'looping.py", line' in innermost


def test_the_debug_signal_opens_a_debugger_on_a_port(components: Path) -> None:
    import re
    import socket

    talk = Talk(components, ["-m", "streamparse.run", "looping.Loops"])
    talk.say(tup("1", "dog"))
    while talk.hear().get("msg") != "begun":
        pass
    os.kill(talk.process.pid, signal.SIGUSR1)
    assert talk.process.stderr
    line = talk.process.stderr.readline()
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert found, line
    with socket.socket() as client:
        # remote_pdb says where it listens a moment before it does; until then the port refuses.
        while client.connect_ex(("127.0.0.1", int(found[1]))):
            pass
        stream = client.makefile("rw", encoding="utf-8", newline="\n")
        stream.write("p self.component_name\n")
        stream.flush()
        heard = ""
        while "'b'" not in heard:
            heard += stream.read(1)
    talk.process.kill()
    talk.end()
    assert "looping.py" in heard


def test_without_remote_pdb_the_debug_signal_says_how_to_get_one(
    components: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "STREAMPARSE_VIRTUAL_CLOCK", "1"
    )  # so that records are sent to Storm as well
    (components / "remote_pdb.py").write_text("raise ImportError\n")
    talk = Talk(components, ["-m", "streamparse.run", "looping.Loops"])
    talk.say(tup("1", "dog"))
    while talk.hear().get("msg") != "begun":
        pass
    os.kill(talk.process.pid, signal.SIGUSR1)
    said = talk.hear()
    talk.process.kill()
    talk.end()
    assert said["msg"] == "no debugger: remote_pdb is not installed (pip install remote-pdb)"

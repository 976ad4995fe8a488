"""A component process's two ends of the protocol, on real pipes."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from simplejson import JSONDecoder, JSONEncoder

from streamparse.pipes import GATHER_BYTES, Input, Output
from streamparse.storm import component


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(st.dictionaries(st.text(), JSON))
@example({"command": "sync"})
def test_every_message_has_the_bytes_that_simplejson_gives_it(message: dict[str, object]) -> None:
    assert component._encode(message) == JSONEncoder().encode(message)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_json_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        component._encode({"tuple": [value]})


WRITTEN = st.one_of(
    JSON.map(lambda value: JSONEncoder(allow_nan=True).encode(value)),
    JSON.map(
        lambda value: JSONEncoder(ensure_ascii=False, indent=" ", allow_nan=True).encode(value)
    ),
    st.text('{}[]",:\\\\u0019-+.eEINaftrueslyn \n\t\x00d8', max_size=12),  # hardly ever JSON
)


def _read(read: Callable[[str], object], text: str) -> tuple[str, str]:
    try:
        return "read", repr(read(text))
    except ValueError as error:
        return type(error).__name__, str(error)


def test_what_is_no_json_is_a_value_error_in_a_process_that_has_loaded_no_json_module() -> None:
    program = (
        "import io, sys; from streamparse import Component\n"
        "assert not {'json', 'simplejson'} & set(sys.modules)\n"
        "try: Component(io.StringIO('{\"a\\nend\\n'), io.StringIO()).read_message()\n"
        "except ValueError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("Unterminated string starting at"), done.stderr


@given(WRITTEN)
def test_what_storm_says_is_read_as_simplejson_reads_it(text: str) -> None:
    theirs = JSONDecoder(allow_nan=True).decode
    assert _read(component._decode, text) == _read(theirs, text)

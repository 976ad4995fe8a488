"""Standard streams that cannot be written: stdout is an error, stderr is lost. More in ``test_environment``."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from streamparse.cli.streams import _Stdout, _text, unwritten
from tests.support.paths import ROOT

PROGRAM = """
import os, sys
from streamparse.cli.streams import OutputError, forget_stdout, secure_standard_streams
secure_standard_streams()
file = os.open(os.devnull, os.O_RDONLY)
print("an error", file=sys.stderr)
try:
    print("\\u65e5", flush=True)
except OutputError as error:
    forget_stdout()
    print(error, file=sys.stderr)
sys.exit(file)  # the number of the first file that is opened
"""


@pytest.mark.parametrize(
    ("redirections", "status", "out", "err"),
    [
        ("", 3, "\\u65e5\n", "an error\n"),
        ("> /dev/full", 3, "", "an error\nstdout: cannot be written: No space left on device\n"),
        (">&-", 3, "", "an error\nstdout: cannot be written: it is closed\n"),
        ("2> /dev/full", 3, "\\u65e5\n", ""),
        ("2>&-", 3, "\\u65e5\n", ""),
        ("<&- >&- 2>&-", 3, "", ""),
    ],
)
def test_no_file_takes_the_place_of_a_stream_and_what_stdout_cannot_take_is_an_error(
    redirections: str, status: int, out: str, err: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "$PROGRAM" {redirections}'],
        cwd=ROOT,
        env={"PROGRAM": PROGRAM, "PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, out, err)


def test_an_error_names_the_output_and_the_reason() -> None:
    assert str(unwritten("--trace a", OSError(28, "No space left on device"))) == (
        "--trace a: cannot be written: No space left on device"
    )


class Interrupted(_Stdout):
    """Ctrl-C comes when the first bytes are written and ``write`` has not returned."""

    has_come = False

    def write_all(self, data: Any) -> int:
        written = super().write_all(data)
        if not self.has_come:
            self.has_come = True
            raise KeyboardInterrupt
        return written


def test_what_ctrl_c_interrupts_is_not_printed_twice() -> None:
    reader, writer = os.pipe()
    text = _text(Interrupted(writer, "w"), None)
    text.write("one\n")
    with pytest.raises(KeyboardInterrupt):
        text.flush()
    text.write("two\n")
    text.close()
    assert os.read(reader, 100) == b"one\ntwo\n"
    os.close(reader)

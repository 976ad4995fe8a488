"""Signals that end a run: the first in order, the second at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from streamparse.cli.interruption import SIGNALS, Interruption, terminated_like_ctrl_c
from tests.support.paths import ROOT


@pytest.mark.parametrize("signum", SIGNALS)
def test_the_first_signal_is_a_keyboard_interrupt(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    with Interruption() as interruption:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signum)
        assert interruption.has_come
    assert signal.getsignal(signum) is before


@pytest.mark.parametrize("signum", SIGNALS)
def test_other_commands_end_at_each_signal_as_at_ctrl_c(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    with terminated_like_ctrl_c(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signum)
    assert signal.getsignal(signum) is before


def test_a_signal_that_comes_when_the_work_is_done_is_only_noted() -> None:
    with Interruption() as interruption:
        interruption.hold()
        signal.raise_signal(signal.SIGTERM)
    assert interruption.has_come


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
        assert not interruption.has_come
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_second_signal_ends_the_process() -> None:
    program = (
        "import signal\n"
        "from streamparse.cli.interruption import Interruption\n"
        "with Interruption():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        print('first', flush=True)\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "        print('second')\n"
    )
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "first\n")

"""Virtual time can be held to the real clock."""

import time

from simulator.transports import real_seconds, real_time_pace


def test_the_pace_waits_until_so_much_real_time_has_passed() -> None:
    began = time.monotonic()
    pace = real_time_pace()
    pace(20)
    assert time.monotonic() - began >= 0.02


def test_real_seconds_do_not_go_back() -> None:
    first = real_seconds()
    assert real_seconds() >= first


def test_a_pace_that_is_behind_does_not_wait() -> None:
    # It would wait for eleven days if it took the past for the future.
    real_time_pace(started=time.monotonic() - 1e6)(999_000_000)

"""Virtual time for user code: in a component ``time``, ``datetime`` and ``sleep`` follow the simulator's clock.

Opt in, for tests (``Storm(virtual_time=True)``); needs time-machine. Virtual time 0 is ``EPOCH``. The calendar
(``time.time``, ``datetime.now`` and whatever else asks the system for it through Python) is time-machine's work;
``monotonic``, ``perf_counter`` and ``sleep`` are replaced in the ``time`` module, so code that has imported them by
name before keeps the real ones. A ``sleep`` takes no real time: the component's own clock goes ahead, and the component
is busy until the simulator's has caught up with it. C extensions that ask the system themselves, and other languages,
see real time.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

EPOCH: Final = 1_767_225_600.0  # 2026-01-01T00:00:00Z
VARIABLE: Final = "STREAMPARSE_VIRTUAL_TIME"  # in a component's environment: the path of the clock

_BYTES = 8


class SharedClock:
    """Virtual milliseconds, in a few bytes of memory that every component's process shares.

    Args:
        directory: where the file with these bytes is made.

    Attributes:
        now_ms: the virtual time that was published last, in milliseconds.
    """

    def __init__(self, directory: str | None = None) -> None:
        self.now_ms = 0
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 (closed by close)
            prefix="storm-clock-", dir=directory
        )
        self._file.write(bytes(_BYTES))
        self._file.flush()
        self._memory = mmap.mmap(self._file.fileno(), _BYTES)

    @property
    def path(self) -> str:
        return self._file.name

    @property
    def environment(self) -> dict[str, str]:
        """What tells a component's process of this clock: variables of its environment."""
        return {VARIABLE: self.path}

    def publish(self, now_ms: int) -> int:
        """Publish the virtual time, in milliseconds, and return it; called before each wave, when nobody works."""
        self.now_ms = now_ms
        self._memory[:] = now_ms.to_bytes(_BYTES, "little")
        return now_ms

    def of_task(self, task: int) -> VirtualTime:
        """A new clock of a task in this process: each life of each has its own, for each may sleep."""
        return VirtualTime(lambda: self.now_ms)

    def close(self) -> None:
        self._memory.close()
        with suppress(FileNotFoundError):
            self._file.close()


class VirtualTime:
    """The clock of one component; a context manager that is entered for each of its turns.

    Args:
        read_ms: reads the simulator's clock, in milliseconds.

    Raises:
        ImportError: time-machine is not installed.
    """

    def __init__(self, read_ms: Callable[[], int]) -> None:
        import time_machine

        self._travel = time_machine.travel
        self._read_ms = read_ms
        self._now = EPOCH
        self._journey: Any = None  # time_machine has no public type for it
        self._traveller: Any = None
        self._real: dict[str, Any] = {}
        self._told_ms = 0

    def __enter__(self) -> VirtualTime:
        self._journey = self._travel(self._now, tick=False)
        self._traveller = self._journey.start()
        replaced = {
            "monotonic": self._elapsed,
            "monotonic_ns": self._elapsed_ns,
            "perf_counter": self._elapsed,
            "perf_counter_ns": self._elapsed_ns,
            "sleep": self._sleep,
        }
        self._real = {name: getattr(time, name) for name in replaced}
        for name, function in replaced.items():
            setattr(time, name, function)
        self.catch_up()
        return self

    def __exit__(self, *_: object) -> None:
        for name, function in self._real.items():
            setattr(time, name, function)
        self._journey.stop()

    def catch_up(self) -> None:
        """Follow the simulator's clock; never backwards."""
        self._move_to(EPOCH + self._read_ms() / 1000)

    def news_ms(self) -> int | None:
        """The virtual milliseconds to which a sleep has brought it ahead of the simulator's clock; None unless news."""
        ms = round((self._now - EPOCH) * 1000)
        if ms <= max(self._told_ms, self._read_ms()):
            return None
        self._told_ms = ms
        return ms

    def _move_to(self, now: float) -> None:
        self._now = max(self._now, now)
        self._traveller.move_to(self._now, tick=False)

    def _sleep(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._move_to(self._now + seconds)

    def _elapsed(self) -> float:
        return self._now - EPOCH

    def _elapsed_ns(self) -> int:
        return round(self._elapsed() * 1e9)


def follow(path: str) -> VirtualTime:
    """Put this process on the clock at ``path``, for the rest of its life.

    Args:
        path: of the file that a ``SharedClock`` has made.

    Returns:
        The clock of this process; it has to ``catch_up`` with every message.
    """
    fd = os.open(path, os.O_RDONLY)
    memory = mmap.mmap(fd, _BYTES, access=mmap.ACCESS_READ)
    os.close(fd)
    clock = VirtualTime(lambda: int.from_bytes(memory[:], "little"))
    clock.__enter__()  # never left: the process is the component's
    return clock

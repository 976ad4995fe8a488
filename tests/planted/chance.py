"""Values that are others at the next attempt: a row that comes again looks like a new one."""

from __future__ import annotations

import os
import random
import threading
import time
import uuid
import zlib

from streamparse import Bolt, Tuple
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS


class Keys(Bolt):
    """Emits a row under a key that the row itself decides."""

    def process(self, tup: Tuple) -> None:
        number, word = tup.values
        self.emit([self.key(number, word), number])

    def key(self, number: int, word: str) -> str:
        return f"{number}"


class KeysByUuid(Keys):
    def key(self, number: int, word: str) -> str:
        return str(uuid.uuid4())


class KeysByClock(Keys):
    def key(self, number: int, word: str) -> str:
        return f"{number}/{time.time_ns()}"


class KeysByProcess(Keys):
    def key(self, number: int, word: str) -> str:
        return f"{os.getpid()}/{number}"


class Halves(Keys):
    """Puts each row into one of two tables, by a checksum."""

    def key(self, number: int, word: str) -> str:
        return f"{'ab'[zlib.crc32(b'%d' % number) % 2]}/{number}"


class HalvesByChance(Keys):
    def key(self, number: int, word: str) -> str:
        return f"{random.choice('ab')}/{number}"


class Letters(Keys):
    """Keeps one of the letters of a word: the smallest."""

    def key(self, number: int, word: str) -> str:
        return f"{min(set(word))}/{number}"


class AnyLetter(Keys):
    def key(self, number: int, word: str) -> str:
        return f"{next(iter(set(word)))}/{number}"


class Threads(Keys):
    """Has another thread make the key, and waits for it."""

    def key(self, number: int, word: str) -> str:
        keys: list[str] = []
        thread = threading.Thread(target=lambda: keys.append(self.key_in_thread(number)))
        thread.start()
        thread.join()
        return keys[0]

    def key_in_thread(self, number: int) -> str:
        return f"{number}"


class KeysByThread(Threads):
    def key_in_thread(self, number: int) -> str:
        return f"{threading.get_native_id()}/{number}"


def rows_by_key() -> list[int]:
    """The rows that are stored, each as often as there are keys for it."""
    return sorted(outside.stored().values())


def _pair(name: str, bug: str, wrong: type, right: type = Keys) -> Pair:
    return Pair(
        name=name,
        bug=bug,
        clj="chain.clj",
        wrong={"work-bolt": wrong},
        right={"work-bolt": right},
        rows={"orders": ROWS},
        result=lambda topology: rows_by_key(),
        expected=[0, 1, 2, 3, 4],
    )


PAIRS = [
    _pair("uuid as a key", "The key of a row is a new UUID at every attempt.", KeysByUuid),
    _pair(
        "random half",
        "random decides into which of two tables a row goes: one that comes again may go into the other as well.",
        HalvesByChance,
        Halves,
    ),
    _pair("clock as a key", "The time of the attempt is a part of the key.", KeysByClock),
    _pair("thread as a key", "The id of a thread is a part of the key.", KeysByThread, Threads),
    _pair(
        "first of a set",
        "The first of a set of texts is taken: another process may have another one first.",
        AnyLetter,
        Letters,
    ),
    _pair(
        "process id as a key",
        "The id of the process is a part of the key: after a restart it is another.",
        KeysByProcess,
    ),
]

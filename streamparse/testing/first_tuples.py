"""A real spout that is asked for its first tuples only, so that a run of a topology has an end."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

ASKED_AGAIN = 10  # times after each fail, for a spout that does not emit a failed tuple at once


def only_first(most: int) -> Callable[[Any], None]:
    """Return what changes a spout so that it emits so many tuples in its life, and replays of them.

    The spout is the user's, and so are its ``ack`` and ``fail``. After its first tuples ``next_tuple`` is called only
    when something has failed, and of what it then emits only the ids that came before go out.

    Args:
        most: how many tuples.
    """
    return partial(_limit, most)


def _limit(most: int, spout: Any) -> None:
    """Any: a spout of the user's."""
    first = _First(most, spout.next_tuple, spout.emit, spout.fail)
    spout.next_tuple, spout.emit, spout.fail = first.next_tuple, first.emit, first.fail


class _First:
    """Stands between Storm and the methods of a spout."""

    def __init__(
        self,
        most: int,
        next_tuple: Callable[[], object],
        emit: Callable[..., Any],
        fail: Callable[[Any], object],
    ) -> None:
        self._left = most
        self._owed = 0  # calls, because of what has failed
        self._seen: set[str] = set()  # ids, as JSON
        self._next_tuple = next_tuple
        self._emit = emit
        self._fail = fail

    def next_tuple(self) -> None:
        if self._left > 0:
            self._next_tuple()
        elif self._owed > 0:
            self._owed -= 1
            self._next_tuple()

    def fail(self, tup_id: Any) -> None:
        self._owed += ASKED_AGAIN
        self._fail(tup_id)

    def emit(self, tup: Any, tup_id: Any = None, *args: Any, **options: Any) -> Any:
        key = None if tup_id is None else json.dumps(tup_id, sort_keys=True, default=str)
        if key is None or key not in self._seen:
            if self._left <= 0:
                return []  # a new tuple, for which there is no place
            self._left -= 1
            if key is not None:
                self._seen.add(key)
        return self._emit(tup, tup_id, *args, **options)

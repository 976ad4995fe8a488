"""What is outside the topologies: no crash harms it, and all tasks see the same. It is emptied before each run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

_TABLES: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
#: What was sent to somebody who takes everything, twice too.
LEDGER: list[Any] = []
#: The rows that spouts read.
TOPIC: list[list[Any]] = []
_DIRECTORIES: list[Path] = []


class Closable(Protocol):
    """A file or a connection."""

    def close(self) -> object: ...


#: What components have open: they never close it, for Storm kills their processes.
_OPEN: list[Closable] = []
Opened = TypeVar("Opened", bound=Closable)

__outlives_crash__ = ("_TABLES", "LEDGER", "TOPIC", "_DIRECTORIES", "_OPEN")


class LockedError(Exception):
    """Somebody holds this lock, or has died with it."""


class ConflictError(Exception):
    """A row is there already."""


def begin(parent: Path) -> None:
    """Have files in a new directory within this one."""
    made = parent / "outside"
    made.mkdir(exist_ok=True)
    _DIRECTORIES[:] = [made]


def clear(topic: Sequence[Sequence[Any]] = ()) -> None:
    """Empty everything, and put these rows into the topic."""
    _TABLES.clear()
    LEDGER.clear()
    close_all()
    for path in directory().iterdir():
        path.unlink()
    TOPIC[:] = [list(row) for row in topic]


def table(name: str) -> dict[Any, Any]:
    """A table of a database: rows by key."""
    return _TABLES[name]


def stored() -> dict[Any, Any]:
    """What is in the table of results, by key."""
    return dict(table("stored"))


def directory() -> Path:
    """The directory of files."""
    return _DIRECTORIES[0]


def left_open(opened: Opened) -> Opened:
    """Return what a component has opened; it is closed before the next run."""
    _OPEN.append(opened)
    return opened


def close_all() -> None:
    """Close what components have left open."""
    for each in _OPEN:
        each.close()
    _OPEN.clear()


@contextmanager
def closing_all() -> Iterator[None]:
    """Close at the end what components have left open."""
    try:
        yield
    finally:
        close_all()


# -- shards: each task of a bolt has one of its own, which its next life finds again -----------------------------------


def shard(index: int) -> dict[Any, Any]:
    """The shard of the task with this index."""
    return table(f"shard {index}")


def shards_by_value() -> dict[Any, int]:
    """For each value that is in a shard, in how many shards it is."""
    found: defaultdict[Any, set[str]] = defaultdict(set)
    for name, rows in _TABLES.items():
        if name.startswith("shard "):
            for value in rows.values():
                found[value].add(name)
    return {value: len(names) for value, names in found.items()}


# -- locks ----------------------------------------------------------------------------------------------------------


def lock(key: object) -> None:
    """Take a lock.

    Raises:
        LockedError: somebody has it.
    """
    locks = table("locks")
    if key in locks:
        raise LockedError(f"{key!r} is locked")
    locks[key] = True


def lock_or_break(key: object) -> None:
    """Take a lock that does not outlive its holder for long: whoever meets it breaks it, and fails once.

    Raises:
        LockedError: it was held; the next one will get it.
    """
    try:
        lock(key)
    except LockedError:
        unlock(key)
        raise


def unlock(key: object) -> None:
    """Give a lock back."""
    table("locks").pop(key, None)


# -- inserts ----------------------------------------------------------------------------------------------------------


def insert_all(rows: Sequence[tuple[Any, Any]]) -> None:
    """Insert rows into the table of results, all or none.

    Raises:
        ConflictError: one of them is there already.
    """
    results = table("stored")
    for key, _ in rows:
        if key in results:
            raise ConflictError(f"{key!r} is there already")
    results.update(rows)

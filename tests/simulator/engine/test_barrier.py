"""The barrier behind a bolt's tuples: tables of what the bolt sends, and the bytes that are written."""

from __future__ import annotations

import pytest

from simulator.engine.barrier import Barrier
from streamparse.multilang import ProtocolError


def beats(*ids: int) -> bytes:
    """The heartbeats with these ids."""
    return b"".join(
        f'{{"comp":null,"tuple":[],"task":-1,"stream":"__heartbeat","id":"{each}"}}\nend\n'.encode()
        for each in ids
    )


#: What happens, and what comes of it: of "begin" and "error" the bytes to write, of "sync" whether it ends the barrier.
#: "message" is any other message of the bolt.
Step = tuple[str, bytes | bool | None]

BEGIN: Step = ("begin", beats(-1))
ERROR: Step = ("error", b"")  # it costs nothing
COSTLY_ERROR: Step = ("error", beats(-2))
BY_HAND: Step = ("by hand", beats(-2))
MESSAGE: Step = ("message", None)
MORE: Step = ("sync", False)
END: Step = ("sync", True)


def begin(*ids: int) -> Step:
    """A later barrier."""
    return "begin", beats(*ids)


#: A streamparse bolt sends a sync behind an error, unless user code has sent the error by hand.
OURS: dict[str, list[Step]] = {
    "a heartbeat is answered": [BEGIN, END],
    "each barrier has one heartbeat": [BEGIN, END, begin(-2), END],
    "the sync of an error does not end the barrier": [BEGIN, ERROR, MORE, END],
    "an error that is sent by hand brings no sync": [BEGIN, ERROR, MESSAGE, END],
    "one by hand that is the last message may bring no sync": [BEGIN, BY_HAND, MORE, END],
    "or one": [BEGIN, BY_HAND, MORE, END, END, begin(-4), END],
    "one by hand behind which something else comes brings none": [
        BEGIN,
        BY_HAND,
        MESSAGE,
        END,
        END,
        begin(-3),
        END,
    ],
    "of two errors in a row only the last brings one": [BEGIN, ERROR, ERROR, MORE, END],
    "after an error the next barrier is one heartbeat": [BEGIN, ERROR, MORE, END, begin(-3), END],
}

#: Of the bolt of another library it is not known whether an error brings a sync.
OTHERS: dict[str, list[Step]] = {
    "a heartbeat is answered": [BEGIN, END],
    "an error costs a heartbeat": [BEGIN, COSTLY_ERROR, MORE, END],
    "while it is not known the next barrier has a heartbeat more": [
        BEGIN, COSTLY_ERROR, MORE, END, begin(-3, -4), MORE, END,
    ],
    "a message behind an error shows that errors bring no sync, and then they cost nothing": [
        BEGIN, COSTLY_ERROR, MESSAGE, END, END, begin(-3), ERROR, END,
    ],
    "an error behind an error shows it too": [BEGIN, COSTLY_ERROR, ERROR, END, END],
    "a sync too many shows that errors bring one, and then they cost nothing": [
        BEGIN, COSTLY_ERROR, MORE, END, END, begin(-4), ERROR, MORE, END,
    ],
}  # fmt: skip


def come_of(barrier: Barrier, steps: list[Step]) -> list[Step]:
    """What comes of each step, when a barrier is driven as ``BoltTask`` drives it."""
    found: list[Step] = []
    for name, _ in steps:
        if name in ("error", "by hand", "message") and barrier.awaits_error_sync:
            barrier.no_sync_came()
        outcome: bytes | bool | None = None
        if name == "begin":
            outcome = barrier.begin()
        elif name == "error":
            outcome = barrier.error()
        elif name == "by hand":
            outcome = barrier.error(by_hand=True)
        elif name == "sync":
            outcome = barrier.sync()
        found.append((name, outcome))
    return found


@pytest.mark.parametrize("steps", OURS.values(), ids=OURS)
def test_a_streamparse_bolt_is_waited_for(steps: list[Step]) -> None:
    assert come_of(Barrier(single_threaded=True), steps) == steps


@pytest.mark.parametrize("steps", OTHERS.values(), ids=OTHERS)
def test_a_bolt_of_another_library_is_waited_for(steps: list[Step]) -> None:
    assert come_of(Barrier(single_threaded=False), steps) == steps


@pytest.mark.parametrize("single_threaded", [True, False])
def test_a_sync_that_nothing_asked_for_is_refused(single_threaded: bool) -> None:
    barrier = Barrier(single_threaded)
    come_of(barrier, [BEGIN, END])
    with pytest.raises(ProtocolError, match=r"^a sync that nothing asked for$"):
        barrier.sync()


def test_once_it_is_known_that_errors_bring_no_sync_one_too_many_is_refused() -> None:
    barrier = Barrier(single_threaded=False)
    come_of(barrier, [BEGIN, COSTLY_ERROR, MESSAGE, END, END])
    with pytest.raises(ProtocolError, match=r"^a sync that nothing asked for$"):
        barrier.sync()


def test_a_new_heartbeat_forgets_that_task_ids_were_written_before_it() -> None:
    barrier = Barrier(single_threaded=False)
    barrier.has_answered = True
    barrier.begin()
    assert barrier.has_answered is False

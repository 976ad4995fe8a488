"""Bolts: one tuple at a time, or a batch at a time, by ticks or by a timer.

Unless its class says otherwise, a bolt anchors what it emits to the tuples it is working on, acks what it has
processed, and fails what it was working on when an exception ended it. A tuple that user code has acked or failed
itself is left alone: a second ack kills the worker.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import allocate_lock
from collections import defaultdict

from streamparse.multilang import HOST, OWN_THREAD, SYSTEM_COMPONENT, TICK_STREAM, TIMER_STREAM
from streamparse.starting import missing_method
from streamparse.storm.component import Component, Tuple, deprecated_emit_many

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Hashable, Iterable, Sequence
    from types import TracebackType
    from typing import Any

    from streamparse.dsl import ComponentSpec

__all__ = ["BatchingBolt", "Bolt", "TicklessBatchingBolt"]


class Bolt(Component):
    """The base of all bolts.

    Attributes:
        auto_anchor: anchor every emit to the current tuple. Default True.
        auto_ack: ack a tuple after ``process`` unless it has been acked or failed. Default True.
        auto_fail: fail the current tuple when an exception ends the bolt. Default True.

    Example::

        from streamparse.bolt import Bolt

        class Splitter(Bolt):
            def process(self, tup):
                for word in tup.values[0].split():
                    self.emit([word])
    """

    auto_anchor = True
    auto_ack = True
    auto_fail = True

    _kind = "bolt"
    # The tuple, or the batch, that is being worked on.
    _current_tups: list[Tuple] = []  # noqa: RUF012 (replaced, never changed in place)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settled: set[str] = set()  # ids acked or failed since the current work began
        self._told_threads = False  # a simulator knows that there are other threads

    @classmethod
    def spec(
        cls,
        name: str | None = None,
        inputs: Any = None,
        par: int | dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        outputs: Any = None,
        **unknown: object,
    ) -> ComponentSpec:
        """Return a component of this class, for the body of a class that derives from ``Topology``.

        Args:
            name: its id; None: the name of the attribute.
            inputs: what it takes: ``{word_spout: Grouping.fields("word"), other["stream"]: Grouping.SHUFFLE}``, or a
                list of specs and streams, each with a shuffle.
            par: the number of its executors, or such numbers by environment; None: the attribute ``par`` of the class,
                else 1.
            config: its own settings; None: the attribute ``config`` of the class.
            outputs: what it emits: a list of names of fields, or of Streams; None: the attribute ``outputs`` of the
                class.
        """
        from streamparse.dsl import python_spec

        given = {"name": name, "inputs": inputs, "par": par, "config": config, "outputs": outputs}
        return python_spec(cls, "bolt", given, unknown)

    @staticmethod
    def is_tick(tup: Tuple) -> bool:
        """Return True for a tick of Storm's clock."""
        return tup.component == SYSTEM_COMPONENT and tup.stream == TICK_STREAM

    def process(self, tup: Tuple) -> None:
        """Process one tuple. Override this."""
        raise missing_method(self, "process(self, tup)")

    def process_tick(self, tup: Tuple) -> None:
        """Called at every tick, if ``topology.tick.tuple.freq.secs`` asks for them. Default: nothing.

        Args:
            tup: the tick; its one value is the period in seconds.
        """

    def emit(  # type: ignore[override]  # a bolt has no message ids
        self,
        tup: Sequence[Any],
        stream: str | None = None,
        anchors: Iterable[str | Tuple] | None = None,
        direct_task: int | None = None,
        need_task_ids: bool | None = None,
    ) -> list[int] | None:
        """Emit a tuple; see ``Component.emit``.

        Args:
            anchors: tuples or their ids; None is the current tuple or batch with ``auto_anchor``, else nothing.
        """
        if anchors is None:
            anchors = self._current_tups if self.auto_anchor else ()
        ids = [anchor.id if isinstance(anchor, Tuple) else anchor for anchor in anchors]
        return super().emit(
            tup,
            stream=stream,
            anchors=ids,
            direct_task=direct_task,
            need_task_ids=need_task_ids,
        )

    def emit_many(
        self,
        tuples: Sequence[Sequence[Any]],
        stream: str | None = None,
        anchors: Iterable[str | Tuple] | None = None,
        direct_task: int | None = None,
        need_task_ids: bool | None = None,
    ) -> list[list[int] | None]:
        """Emit several tuples.

        Returns:
            What ``emit`` returned for each.

        Raises:
            TypeError: ``tuples`` is no list or tuple.

        .. deprecated:: 2.0.0
            Call ``emit`` for each.
        """
        deprecated_emit_many()
        if not isinstance(tuples, (list, tuple)):
            raise TypeError(
                f"several tuples are emitted as a list or tuple of them, not as {type(tuples).__name__}"
            )
        anchors = None if anchors is None else list(anchors)
        return [
            self.emit(
                tup,
                stream=stream,
                anchors=anchors,
                direct_task=direct_task,
                need_task_ids=need_task_ids,
            )
            for tup in tuples
        ]

    def ack(self, tup: str | Tuple) -> None:
        """Ack a tuple, or the one with this id: it has been processed."""
        self._settle("ack", tup)

    def fail(self, tup: str | Tuple) -> None:
        """Fail a tuple, or the one with this id: it could not be processed."""
        self._settle("fail", tup)

    def _settle(self, verb: str, tup: str | Tuple) -> None:
        tuple_id = tup.id if isinstance(tup, Tuple) else tup
        self._settled.add(tuple_id)
        self.send_message({"command": verb, "id": tuple_id})

    def _answer_heartbeat(self) -> None:
        if not self._told_threads and HOST.get().tells_more:
            threading = sys.modules.get("threading")
            if threading is not None and any(
                each.name not in ("MainThread", OWN_THREAD) for each in threading.enumerate()
            ):
                self._told_threads = True
                self.send_message({"command": "threads"})  # what they say comes outside the turns
        self.send_message({"command": "sync"})

    def _run(self) -> None:
        tup = self.read_tuple()
        if self.is_heartbeat(tup):
            self._answer_heartbeat()
            return
        # Set before user code runs, and kept when that raises: these tuples have to be failed.
        self._current_tups = [tup]
        self._settled.clear()
        if self.is_tick(tup):
            self.process_tick(tup)
        else:
            self.process(tup)
        if self.auto_ack and tup.id not in self._settled:
            self.ack(tup)
        self._current_tups = []

    def _handle_run_exception(self, exc: Exception) -> None:
        self._log_exception()
        self.raise_exception(exc, self._reported_tuples())
        if self.auto_fail:
            self._fail_unsettled(self._current_tups)

    def _go_on_after(self, exc: Exception) -> None:
        super()._go_on_after(exc)
        self._current_tups = []

    def _reported_tuples(self) -> Tuple | list[Tuple]:
        return self._current_tups[0] if len(self._current_tups) == 1 else self._current_tups

    def _fail_unsettled(self, tuples: Iterable[Tuple]) -> None:
        for tup in tuples:
            if tup.id not in self._settled:
                self.fail(tup)


class BatchingBolt(Bolt):
    """A bolt that gathers tuples between ticks and processes them as batches.

    Ticks must be asked for: ``:conf {"topology.tick.tuple.freq.secs" 1}`` in the topology file, or for all bolts
    with ``-o topology.tick.tuple.freq.secs=1``.

    Attributes:
        auto_anchor: anchor what is emitted to all tuples of the batch. Default True.
        auto_ack: ack the tuples of a batch after ``process_batch``. Default True.
        auto_fail: fail all tuples that were gathered when an exception ends the bolt. Default True.
        ticks_between_batches: a batch is processed when *more* than so many ticks have come since the last one:
            with the default 1 at every second tick. Ticks are counted while there is nothing to process, too, so
            after a quiet time the first tick is enough. (As in 2.1.3.)

    Example::

        from streamparse.bolt import BatchingBolt

        class WordCounts(BatchingBolt):
            ticks_between_batches = 4

            def group_key(self, tup):
                return tup.values[0]

            def process_batch(self, key, tups):
                self.emit([key, len(tups)])
    """

    auto_anchor = True
    auto_ack = True
    auto_fail = True
    ticks_between_batches = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches: defaultdict[Hashable, list[Tuple]] = defaultdict(list)
        self._tick_counter = 0

    def group_key(self, tup: Tuple) -> Hashable:
        """Return the key of the batch that a tuple belongs to. Default: None for all, so there is one batch."""
        return None

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        """Process one batch. Override this."""
        raise missing_method(self, "process_batch(self, key, tups)")

    def emit(self, tup: Sequence[Any], **kwargs: Any) -> None:  # type: ignore[override]
        """Emit a tuple without waiting for task ids; see ``Bolt.emit`` for the arguments."""
        kwargs["need_task_ids"] = False
        super().emit(tup, **kwargs)

    def emit_many(self, tups: Sequence[Sequence[Any]], **kwargs: Any) -> None:  # type: ignore[override]
        """Emit several tuples without waiting for task ids.

        .. deprecated:: 2.0.0
            Call ``emit`` for each.
        """
        kwargs["need_task_ids"] = False
        super().emit_many(tups, **kwargs)

    def process(self, tup: Tuple) -> None:
        """Put a tuple into its batch. Override ``group_key``, not this."""
        self._batches[self.group_key(tup)].append(tup)

    def process_tick(self, tick_tup: Tuple) -> None:
        """Count a tick, and process the batches when it is time. Override ``group_key``, not this."""
        self._tick_counter += 1
        self.ack(tick_tup)  # it has served its purpose
        if self._tick_counter > self.ticks_between_batches and self._batches:
            self.process_batches()
            self._tick_counter = 0

    def process_batches(self) -> None:
        """Process every batch, and ack its tuples. For subclasses that choose the moment themselves."""
        before = self._current_tups
        for key, batch in self._batches.items():
            self._current_tups = batch
            self.process_batch(key, batch)
            if self.auto_ack:
                for tup in batch:
                    if tup.id not in self._settled:
                        self.ack(tup)
            # If a later batch raises, these are not failed: they have been dealt with.
            self._batches[key] = []
        self._batches = defaultdict(list)
        self._settled.clear()
        self._current_tups = before

    def _run(self) -> None:
        self._handle_tuple(self.read_tuple())

    def _handle_tuple(self, tup: Tuple) -> None:
        if self.is_heartbeat(tup):
            self._answer_heartbeat()
            return
        self._current_tups = [tup]
        if self.is_tick(tup):
            self.process_tick(tup)
            self._settled.discard(tup.id)
        else:
            self.process(tup)
        self._current_tups = []
        if not self._batches:
            self._settled.clear()  # nothing is left that could be settled once more

    def _handle_run_exception(self, exc: Exception) -> None:
        self._log_exception()
        self.raise_exception(exc, self._reported_tuples())
        if self.auto_fail:
            gathered = [tup for batch in self._batches.values() for tup in batch]
            # A batch that raised is in both lists; a dict keeps the order.
            self._fail_unsettled({tup.id: tup for tup in [*gathered, *self._current_tups]}.values())

    def _go_on_after(self, exc: Exception) -> None:
        """Report an exception, fail the batch that raised it, and keep the others."""
        self._log_exception()
        self.raise_exception(exc, self._reported_tuples())
        if self.auto_fail:
            self._fail_unsettled(self._current_tups)
        gone = {tup.id for tup in self._current_tups}
        for key, batch in list(self._batches.items()):
            self._batches[key] = [tup for tup in batch if tup.id not in gone]
            if not self._batches[key]:
                del self._batches[key]
        self._current_tups = []


class TicklessBatchingBolt(BatchingBolt):
    """A batching bolt that follows a timer of its own instead of ticks.

    ``process_batch`` is called on the timer's thread; while it runs no tuple is taken. In a simulation there is no
    thread: the timer follows the virtual clock.

    Attributes:
        secs_between_batches: seconds between two rounds of ``process_batch``; fractions count. Default 2.

    Example::

        from streamparse.bolt import TicklessBatchingBolt

        class WordCounts(TicklessBatchingBolt):
            secs_between_batches = 0.5

            def group_key(self, tup):
                return tup.values[0]

            def process_batch(self, key, tups):
                self.emit([key, len(tups)])
    """

    auto_anchor = True
    auto_ack = True
    auto_fail = True
    secs_between_batches: float = 2

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: The exception that ended the timer's thread, as ``sys.exc_info()`` returns it.
        self.exc_info: (
            tuple[type[BaseException], BaseException, TracebackType | None]
            | tuple[None, None, None]
            | None
        ) = None
        self._batch_lock = allocate_lock()
        self._batcher: threading.Thread | None = None

    def process_tick(self, tick_tup: Tuple) -> None:
        """Ack a tick, and do nothing else: this bolt has a timer."""
        self.ack(tick_tup)

    def _start(self) -> None:
        super()._start()
        self._start_timer()

    def _start_timer(self) -> None:
        """Start a timer of ``secs_between_batches``: on the real clock, or on the simulator's."""
        if HOST.get().virtual_clock:
            self._request_timer()
            return
        import threading

        name = type(self).__name__
        self._batcher = threading.Thread(
            target=self._batch_entry, name=f"{name}:_batcher-thread", daemon=True
        )
        self._batcher.start()

    def _request_timer(self) -> None:
        after_ms = round(self.secs_between_batches * 1000)
        self.send_message({"command": "timer", "after_ms": after_ms})

    def _batch_entry_run(self) -> None:
        """Take one round of the timer's thread."""
        time.sleep(self.secs_between_batches)
        with self._batch_lock:
            self.process_batches()

    def _batch_entry(self) -> None:
        try:
            while True:
                try:
                    self._batch_entry_run()
                except Exception as error:  # whatever process_batch raises
                    if self.exit_on_exception:
                        raise
                    with self._batch_lock:
                        self._go_on_after(error)
        except Exception as error:  # whatever process_batch raises
            self.exc_info = sys.exc_info()
            self._end_process(error)
        except SystemExit:  # Storm has closed the pipe
            os._exit(1)

    def _end_process(self, error: Exception) -> None:
        """End the process as ``run()`` does; the main thread cannot, in a read that nothing interrupts."""
        try:
            self._handle_run_exception(error)
            self._write_out()
        finally:
            os._exit(1)

    def _handle_tuple(self, tup: Tuple) -> None:
        # Locked after the read: a bolt that waits for its next tuple must not keep the timer waiting.
        with self._batch_lock:
            if tup.component == SYSTEM_COMPONENT and tup.stream == TIMER_STREAM:
                try:
                    self.process_batches()
                except Exception:
                    if not self.exit_on_exception:
                        self._request_timer()  # the next round comes whatever became of this one
                    raise
                self._request_timer()
            else:
                super()._handle_tuple(tup)

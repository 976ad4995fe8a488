"""A spout that emits again what has failed.

Source: ``ReliableSpout`` of pystorm 3.1.4.
"""

from __future__ import annotations

from streamparse.storm.spout import Spout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["ReliableSpout"]


class ReliableSpout(Spout):
    """A spout that keeps what it emits until it is acked, and emits it again when it fails.

    Attributes:
        max_fails: how often a tuple is emitted again; after one failure more it is given up, and ``ack`` is called for
            it. Default 3.
        unacked_tuples: what is not acked, by message id: values, stream, direct task and ``need_task_ids``.
        failed_tuples: how often it has failed, by message id.
    """

    max_fails = 3

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failed_tuples: dict[Any, int] = {}
        self.unacked_tuples: dict[Any, tuple[Any, ...]] = {}

    def emit(  # type: ignore[override]  # a spout has no anchors
        self,
        tup: Sequence[Any],
        tup_id: object = None,
        stream: str | None = None,
        direct_task: int | None = None,
        need_task_ids: bool | None = None,
    ) -> list[int] | None:
        """Emit a tuple, and keep it until it is acked; see ``Spout.emit``.

        Raises:
            ValueError: there is no ``tup_id``.
        """
        if tup_id is None:
            raise ValueError("a ReliableSpout needs a tup_id for each tuple that it emits")
        self.unacked_tuples[tup_id] = (tup, stream, direct_task, need_task_ids)
        return super().emit(
            tup,
            tup_id=tup_id,
            stream=stream,
            direct_task=direct_task,
            need_task_ids=need_task_ids,
        )

    def ack(self, tup_id: Any) -> None:
        """Forget a tuple that has been processed. A method of a subclass calls this one too."""
        self.failed_tuples.pop(tup_id, None)
        if self.unacked_tuples.pop(tup_id, None) is None:
            self._log().error("an ack for an unknown message id: %r", tup_id)

    def fail(self, tup_id: Any) -> None:
        """Emit a tuple again, or give it up. A method of a subclass calls this one too."""
        kept = self.unacked_tuples.get(tup_id)
        if kept is None:
            self._log().error("a fail for an unknown message id: %r", tup_id)
            return
        fails = self.failed_tuples.get(tup_id, 0)
        if fails >= self.max_fails:
            self._log().info("given up after %d failures: %r", fails + 1, tup_id)
            self.ack(tup_id)
            return
        self.failed_tuples[tup_id] = fails + 1
        tup, stream, direct_task, need_task_ids = kept
        self.emit(
            tup,
            tup_id=tup_id,
            stream=stream,
            direct_task=direct_task,
            need_task_ids=need_task_ids,
        )

"""Spouts: the sources of tuples."""

from __future__ import annotations

from streamparse.multilang import CRASH_AT
from streamparse.starting import missing_method, wrong_kind
from streamparse.storm.component import Component, deprecated_emit_many

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from streamparse.dsl import ComponentSpec

__all__ = ["Spout"]


class Spout(Component):
    """The base of all spouts: called for its next tuple again and again, and for the outcome of each tuple."""

    _kind = "spout"

    @classmethod
    def spec(
        cls,
        name: str | None = None,
        par: int | dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        outputs: Any = None,
        **unknown: object,
    ) -> ComponentSpec:
        """Return a component of this class, for the body of a class that derives from ``Topology``.

        Args:
            name: its id; None: the name of the attribute.
            par: the number of its executors, or such numbers by environment; None: the attribute ``par`` of the class,
                else 1.
            config: its own settings; None: the attribute ``config`` of the class.
            outputs: what it emits: a list of names of fields, or of Streams; None: the attribute ``outputs`` of the
                class.
        """
        from streamparse.dsl import python_spec

        given = {"name": name, "par": par, "config": config, "outputs": outputs}
        return python_spec(cls, "spout", given, unknown)

    def next_tuple(self) -> None:
        """Emit the next tuple, if there is one. Override this.

        It must not block: in the meantime Storm cannot send this spout anything, and after a while takes it for dead.
        """
        raise missing_method(self, "next_tuple(self)")

    def ack(self, tup_id: Any) -> None:
        """Called when a tuple, and all that was emitted because of it, has been processed. Default: nothing.

        Args:
            tup_id: the message id it was emitted with.
        """

    def fail(self, tup_id: Any) -> None:
        """Called when a tuple has failed: a bolt has failed it, or it timed out. Default: nothing, it is lost.

        Args:
            tup_id: the message id it was emitted with.
        """

    def activate(self) -> None:
        """Called before the first ``next_tuple``, and when the topology is activated (Storm 1.1 and newer)."""

    def deactivate(self) -> None:
        """Called when the topology is deactivated or about to end (Storm 1.1 and newer)."""

    def emit(  # type: ignore[override]  # a spout has no anchors
        self,
        tup: Sequence[Any],
        tup_id: object = None,
        stream: str | None = None,
        direct_task: int | None = None,
        need_task_ids: bool | None = None,
    ) -> list[int] | None:
        """Emit a tuple; see ``Component.emit``.

        Args:
            tup_id: any JSON value but null; without one the tuple is not tracked, and neither ``ack`` nor ``fail``
                is called for it.
        """
        return super().emit(
            tup,
            tup_id=tup_id,
            stream=stream,
            direct_task=direct_task,
            need_task_ids=need_task_ids,
        )

    def emit_many(
        self,
        tuples: Sequence[Sequence[Any]],
        stream: str | None = None,
        tup_ids: Sequence[object] | None = None,
        direct_task: int | None = None,
        need_task_ids: bool | None = None,
    ) -> list[list[int] | None]:
        """Emit several tuples.

        Args:
            tup_ids: a message id for each.

        Returns:
            What ``emit`` returned for each.

        Raises:
            TypeError: ``tuples`` is no list or tuple.
            ValueError: there are not as many ids as tuples.

        .. deprecated:: 2.0.0
            Call ``emit`` for each.
        """
        deprecated_emit_many()
        if not isinstance(tuples, (list, tuple)):
            raise TypeError(
                f"several tuples are emitted as a list or tuple of them, not as {type(tuples).__name__}"
            )
        ids = [None] * len(tuples) if tup_ids is None else list(tup_ids)
        if len(ids) != len(tuples):
            raise ValueError(f"{len(ids)} ids for {len(tuples)} tuples")
        return [
            self.emit(
                tup,
                tup_id=tup_id,
                stream=stream,
                direct_task=direct_task,
                need_task_ids=need_task_ids,
            )
            for tup, tup_id in zip(tuples, ids, strict=True)
        ]

    def _run(self) -> None:
        message = self.read_command()
        command = message.get("command")
        if command == "next":
            self.next_tuple()
        elif command == "ack":
            self.ack(message["id"])
        elif command == "fail":
            self.fail(message["id"])
        elif command == "activate":
            self.activate()
        elif command == "deactivate":
            self.deactivate()
        elif command == CRASH_AT:
            self._arm(message)
            return
        elif "tuple" in message:  # from a Storm whose handshake does not tell (before 0.10)
            raise wrong_kind(self, "bolt")
        else:
            self._log().error("Storm sent an unknown command: %r", message)
        self.send_message({"command": "sync"})

"""Bolts that speak outside their turns: each waits for the end of a turn, never for a time."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from streamparse import Bolt, Tuple


class Threaded(Bolt):
    """Does the work of a tuple in another thread, when the turn that brought it is over."""

    auto_ack = auto_anchor = auto_fail = False

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.turn_is_over = threading.Event()
        self.needs_task_ids = storm_conf.get("need_task_ids", False)

    def send_message(self, message: Any) -> None:
        super().send_message(message)
        if message.get("command") == "sync":
            self.after_turn()

    def after_turn(self) -> None:
        self.turn_is_over.set()

    def start(self, tup: Tuple) -> None:
        self.turn_is_over.clear()
        threading.Thread(target=self.work, args=[tup], daemon=True).start()

    process = start

    def work(self, tup: Tuple) -> None:
        self.turn_is_over.wait()
        self.finish(tup)

    def finish(self, tup: Tuple) -> None:
        tasks = self.emit(tup.values, anchors=[tup], need_task_ids=self.needs_task_ids)
        if self.needs_task_ids:
            self.log(f"sent {tup.values[0]} to {tasks}")
        self.ack(tup)


class Pooled(Threaded):
    """Has the threads of a pool."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        super().initialize(storm_conf, context)
        self.pool = ThreadPoolExecutor(2)

    def process(self, tup: Tuple) -> None:
        self.turn_is_over.clear()
        self.pool.submit(self.work, tup)


class Looped(Threaded):
    """Has an asyncio loop in a thread."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        super().initialize(storm_conf, context)
        self.loop = asyncio.new_event_loop()
        self.over = asyncio.Event()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def after_turn(self) -> None:
        self.loop.call_soon_threadsafe(self.over.set)

    def process(self, tup: Tuple) -> None:
        self.loop.call_soon_threadsafe(self.over.clear)
        asyncio.run_coroutine_threadsafe(self.answer(tup), self.loop)

    async def answer(self, tup: Tuple) -> None:
        await self.over.wait()
        self.finish(tup)


class Leaking(Threaded):
    """Has a thread, and settles every tuple but those that are to leak."""

    def process(self, tup: Tuple) -> None:
        if tup.values[0] != "leak":
            self.start(tup)

    def initialize(self, storm_conf: Any, context: Any) -> None:
        super().initialize(storm_conf, context)
        threading.Thread(target=threading.Event().wait, daemon=True).start()


class Syncing(Threaded):
    """Sends a sync that nobody has asked for, and then its answer."""

    def finish(self, tup: Tuple) -> None:
        Bolt.send_message(self, {"command": "sync"})
        super().finish(tup)


class Dying(Threaded):
    """Breaks the protocol, or its process, in another thread."""

    def finish(self, tup: Tuple) -> None:
        if tup.values[0] == "exit":
            os._exit(7)
        self.emit(["x"], stream="nowhere")


class Napping(Threaded):
    """Sleeps in its thread before it answers."""

    def finish(self, tup: Tuple) -> None:
        time.sleep(5)
        super().finish(tup)

"""Services: what tasks say in a turn takes effect when the work of that turn ends, on the agenda.

Work is declared (``work.py``), or it is the sleep of a component on its virtual clock. A task whose work takes none is
routed at once, as if there were no services. Here is also what Storm does with a component that is silent for too long,
and who waits for a full queue.

Source: ``BoltExecutor``, ``SpoutExecutor``, ``ShellBolt``, ``ShellSpout``, ``ExecutorTransfer`` (0.9.5 to 2.8.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator.engine.bolt_task import BoltTask
from simulator.engine.clock import Agenda
from simulator.engine.effects import Death, Effect, Emitted, Logged, Notified, Slept
from simulator.engine.full_queues import HIGH, LOW, limits_of, waits_for_ids
from simulator.engine.routing import Router
from simulator.engine.servers import US, Queue, Server, make_servers
from simulator.engine.spout_task import SpoutTask
from simulator.engine.task import Task
from simulator.engine.tasks import Tasks
from simulator.engine.timers import DONE_RANK, Done, Due, SilenceDue, StopDue, Timers
from simulator.engine.tracker import Tracker
from simulator.engine.wiring import Wiring
from simulator.engine.work import Work, parse_work


class Services:
    """The services of a run.

    Args:
        bury: takes tasks that have died.

    Attributes:
        servers: what takes the time of each task whose work takes some.
        under_way: the number of ends of services on the agenda.
        stopped_at_ms: the bolts that get nothing more, since Storm has found them silent, and since when.
        spouts_wait: whether back-pressure holds the spouts back.
    """

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        tracker: Tracker,
        agenda: Agenda[Due],
        router: Router,
        timers: Timers,
        bury: Callable[[Sequence[Task]], object],
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._tracker = tracker
        self._agenda = agenda
        self._router = router
        self._lives = timers.lives
        self._watch_silence = timers.watch_silence
        self._bury = bury
        self._limits = limits_of(wiring.conf, wiring.profile)
        self._works = dict(wiring.works)
        self.servers = self._servers_of(wiring.works)
        self.under_way = 0
        self.stopped_at_ms: dict[str, int] = {}
        self.spouts_wait = False

    def _servers_of(self, works: Mapping[str, Work]) -> dict[int, Server]:
        spouts = [executor.tasks for executor in self._tracker.executors]
        wiring = self._wiring
        return make_servers(
            works,
            wiring.component_of,
            wiring.task_ids,
            spouts,
            self._wiring.options.seed,
            self._limits,
        )

    def set_work(self, work: Mapping[str, object]) -> None:
        """Have the work of components take other times from now on; what is in service keeps its time.

        Raises:
            WorkError: it is none, or of something that the topology does not have.
        """
        works = parse_work(
            work, self._wiring.topology, self._wiring.options.feeds, before=self._works
        )
        self._works.update(works)
        for name, changed in works.items():
            for task in self._wiring.task_ids[name]:
                if task in self.servers:
                    self.servers[task].change(changed)
        self._serve(works)

    def _serve(self, works: Mapping[str, Work]) -> None:
        """Give the tasks of these components servers, as far as they have none."""
        for task, server in self._servers_of(works).items():
            if task not in self.servers:
                self.servers[task] = server
                self._tasks[task].serve_by(server, self._agenda)

    def begin_life(self, task: Task) -> None:
        """Route what a task has said at its start; it is busy for as long as it has slept then."""
        if task.slept_until_ms > self._agenda.now_ms:
            self._sleeper(task).begin_at(task.slept_until_ms * US)
        self._router.route(task)

    def finish(self, task: Task) -> None:
        """Route what a task has said, or keep it for the end of its service."""
        if isinstance(task, BoltTask):
            if task.is_preparing:
                task.keep_prepared()
            if task.prepared:
                task.answer_prepared()
        if task.in_turn:
            self.spread(task)
            return
        if isinstance(task, SpoutTask) and task.server is not None:
            self._begin_commands(task, task.server)
        if task.slept_until_ms > self._agenda.now_ms:
            self._spread_sleeps(task)
            return
        if task.done_ms is None:
            self._router.route(task)
            return
        if isinstance(task, BoltTask) and isinstance(task.inbox, Queue):
            for effect in task.effects:
                if waits_for_ids(effect):
                    task.inbox.ahead.draw(len(task.inbox))
        life = self._lives.get(task.id, 0)
        done = Done(task.id, life, task.effects, task.outcome)
        if task.silent_ms is not None:
            self._fall_silent(task, task.silent_ms, done)
        else:
            self._add_done(task.done_ms, done)
        task.has_ended = task.outcome is not None
        task.done_ms, task.silent_ms, task.effects, task.outcome = None, None, [], None

    def _begin_commands(self, spout: SpoutTask, server: Server) -> None:
        """Begin the service of the commands that a spout has been sent in this wave, once its turns are known.

        Acks and fails come first, so they do not wait for the ends of the turns behind them.
        """
        work = server.work
        told = [effect for effect in spout.effects if isinstance(effect, Notified)]
        said: list[Effect] = [
            effect for effect in spout.effects if not isinstance(effect, Notified)
        ]
        for effect in said:
            if isinstance(effect, Emitted):
                effect.offset_ms = 0
        if told:
            *parts, last = self._end_each(told, server)
            life = self._lives.get(spout.id, 0)
            for at_ms, part in parts:
                self._add_done(at_ms, Done(spout.id, life, part, None))
            spout.done_ms, spout.effects = last
            if not (said or spout.turns_taken):
                return
            self._add_done(spout.done_ms, Done(spout.id, life, spout.effects, None))
            spout.effects = said
        us = sum(
            US if work.next is None else server.draw_us(work.next) for _ in range(spout.turns_taken)
        )
        spout.silent_ms = server.silent_ms(us, self._wiring.silence_ms, self._agenda.now_ms)
        spout.done_ms = server.serve(self._agenda.now_ms, self._agenda.now_ms, us)

    def _end_each(self, told: Sequence[Notified], server: Server) -> list[tuple[int, list[Effect]]]:
        """Serve acks and fails one after the other; what ends in each millisecond, in order."""
        work, now_ms = server.work, self._agenda.now_ms
        begin_us = max(server.free_us[0], now_ms * US)
        at_us = float(begin_us)
        ends: dict[int, list[Effect]] = {}
        for effect in told:
            is_ack = effect.settlement.verb == "ack"
            at_us += server.draw_us(work.ack if is_ack else work.fail)
            ends.setdefault(round(at_us) // US, []).append(effect)
        server.serve(now_ms, now_ms, at_us - begin_us)
        return list(ends.items())

    def end(self, done: Done) -> None:
        """End a service: what the task said in it takes effect, unless its process has been restarted since."""
        self.under_way -= 1
        task = self._tasks[done.task]
        if task.is_down or self._lives.get(done.task, 0) != done.life:
            return
        task.effects, task.outcome = done.effects, done.outcome
        self._router.route(task)
        if task.outcome is not None:
            self._bury([task])

    def spread(self, task: Task) -> None:
        """Have what a task has said in a turn that goes on take effect one emit after the other, a millisecond each."""
        life, at_ms, part = self._lives.get(task.id, 0), self._agenda.now_ms, list[Effect]()
        for effect in task.effects:
            part.append(effect)
            if isinstance(effect, Emitted):
                effect.offset_ms = 0
                at_ms += 1
                self._add_done(at_ms, Done(task.id, life, part, None))
                part = []
        if part or task.outcome is not None:
            self._add_done(at_ms, Done(task.id, life, part, task.outcome))
        task.said_until_ms, task.effects, task.outcome = at_ms, [], None

    def _add_done(self, at_ms: int, done: Done) -> None:
        self._agenda.add(at_ms, done, DONE_RANK)
        self.under_way += 1

    def _sleeper(self, task: Task) -> Server:
        """The server of a task that sleeps; its component has one from its first sleep on."""
        if task.id not in self.servers:
            self._serve({task.component: Work()})
            now_ms = self._agenda.now_ms
            self.servers[task.id].serve(now_ms, now_ms, 0)  # this service, whose sleeps follow
        return self.servers[task.id]

    def _spread_sleeps(self, task: Task) -> None:
        """Have what a task has said take effect between its sleeps, which are its work, and keep it busy until then."""
        server = self._sleeper(task)
        effects, task.effects = task.effects, []
        outcome, task.outcome = task.outcome, None
        life, at_ms, part = self._lives.get(task.id, 0), self._agenda.now_ms, list[Effect]()
        for effect in effects:
            if not isinstance(effect, Slept):
                if isinstance(effect, Emitted):
                    effect.offset_ms = 0
                part.append(effect)
                continue
            if at_ms > self._agenda.now_ms:
                self._add_done(at_ms, Done(task.id, life, part, None))
            elif self._breaks_rule(task, part):  # before its first sleep
                return
            if effect.until_ms - at_ms > self._wiring.silence_ms and outcome is None:
                task.done_ms = effect.until_ms
                self._fall_silent(
                    task, at_ms + self._wiring.silence_ms, Done(task.id, life, [], None)
                )
                break
            at_ms, part = max(at_ms, effect.until_ms), []
        end_ms = max(at_ms, task.done_ms or 0)
        self._add_done(end_ms, Done(task.id, life, part, outcome))
        server.lengthen(end_ms * US)
        task.has_ended = outcome is not None
        task.done_ms, task.silent_ms = None, None

    def _breaks_rule(self, task: Task, effects: list[Effect]) -> bool:
        """Route these effects now; return whether one breaks the protocol, which then is the outcome of the task."""
        task.effects = effects
        self._router.route(task)
        return task.outcome is not None

    def _fall_silent(self, task: Task, at_ms: int, done: Done) -> None:
        """Have Storm give up a task that is silent for too long in a service, at this instant."""
        assert task.server is not None
        assert task.done_ms is not None
        if self._wiring.profile.silent_bolt_stops and not isinstance(task, SpoutTask):
            self._add_done(task.done_ms, done)
            self._agenda.add(at_ms, StopDue(done.task, done.life))
            return
        seconds = (task.done_ms - self._agenda.now_ms) / 1000
        limit, key = self._wiring.silence_ms / 1000, self._wiring.silence_key
        reason = (
            f"was silent for too long: it was to be busy for {seconds:g} s, and Storm ends a worker after {limit:g} s "
            f"without a message of its component ({key}): subprocess heartbeat timeout"
        )
        self._add_done(at_ms, Done(done.task, done.life, [], Death(reason)))

    def stop(self, due: StopDue) -> None:
        """Have Storm write nothing more to a bolt's task; it goes on with what is written already."""
        task = self._tasks.bolt(due.task)
        if self._lives.get(due.task, 0) != due.life or task.server is None:
            return
        assert isinstance(task.inbox, Queue)
        ahead = task.inbox.ahead
        task.server.stop(min(len(task.inbox), ahead.read + ahead.in_pipe))
        self.stopped_at_ms.setdefault(task.component, self._agenda.now_ms)

    def look_at_full_spout(self, due: SilenceDue) -> None:
        """End a spout that was not asked for too long, since too much is pending: a Storm up to 1.0.1 does."""
        spout = self._tasks.spout(due.task)
        silent_ms = self._agenda.now_ms - spout.asked_ms
        if not spout.is_watched:
            return  # it is another process by now
        if self._tracker.executor_of[due.task].room != 0 or spout.inbox:
            spout.is_watched = False
        elif silent_ms <= self._wiring.silence_ms:
            self._watch_silence(due.task)
        else:
            spout.outcome = Death(
                f"was not asked for {silent_ms / 1000:g} s, since as much is pending as may be, and this Storm takes a "
                f"spout for dead that says nothing for {self._wiring.silence_ms / 1000:g} s "
                f"({self._wiring.silence_key}): subprocess heartbeat timeout"
            )
            self._bury([spout])

    def look_at_queues(self) -> None:
        """Send what was kept for full queues, as far as there is room; hold the spouts back, or no longer."""
        limits = self._limits
        if not (limits.may_fill and self.servers):
            return
        if limits.receive is not None:
            self._router.is_full = self._is_full
        for task in self._tasks:
            if task.kept:
                self._router.route(task)
        if limits.slots is not None:
            waiting = [
                bolt.inbox.ahead.in_receive_queue(len(bolt.inbox))
                for bolt in self._tasks.bolts
                if isinstance(bolt.inbox, Queue)
            ]
            fill = max(waiting, default=0) / limits.slots
            self.spouts_wait = fill >= (LOW if self.spouts_wait else HIGH)

    def _is_full(self, task: int) -> bool:
        inbox = self._tasks.bolt(task).inbox
        return isinstance(inbox, Queue) and inbox.is_full

    @property
    def in_service(self) -> list[tuple[int, list[Effect]]]:
        """What tasks have said in services that have not ended, by task."""
        entries = self._agenda.entries() if self.under_way else ()
        return [(entry.task, entry.effects) for entry in entries if isinstance(entry, Done)]

    @property
    def awaits_news(self) -> bool:
        """True when a service goes on that may have something to say: any but the silent turn of a spout."""
        return any(
            isinstance(entry, Done)
            and (
                any(not isinstance(effect, Logged) for effect in entry.effects)
                or not isinstance(self._tasks[entry.task], SpoutTask)
            )
            for entry in self._agenda
        )

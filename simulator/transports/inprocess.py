"""Runs Python components as objects in this process, on the caller's stack: debuggers and coverage work as usual."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from types import ModuleType

from simulator.engine import Start, Task
from simulator.model import Component
from simulator.transports import random_state
from simulator.transports.deaths import (
    shown_place,
)
from simulator.transports.inprocess_component import InProcessComponent, TaskClock
from simulator.transports.kept_state import Attribute, KeptState, fresh_modules
from simulator.transports.processes import Processes
from simulator.transports.releasing import (
    end_connections,
    held_by_classes,
    held_by_process,
    open_descriptors,
)
from simulator.transports.surroundings import OwnSurroundings
from simulator.transports.temporary import temporary_directory
from streamparse.multilang import ProtocolError
from streamparse.starting import Runnable, find

BOTH_SECONDS = 0.05  # of listening to processes, where components of this process may speak too


class InProcess:
    """A transport whose Python components are objects in this process; every other command is a process.

    The components' own ``random`` and working directory are kept apart per task, their timers run on the virtual
    clock, and they touch nothing process-wide (``multilang.HOST``).

    Args:
        others: where everything else runs.
        cwd: where components run, as on Storm the directory with the Python sources.
        classes: classes, or functions that make components, by component id, in place of those that the topology
            names.
        only_classes: run nothing here but those.
        around: returns what surrounds the turns of a task in one life, such as a clock; it is entered for each.
        environment: variables of the components' environment, by name.
        on_kept: called with a line for each attribute of a module or class that has outlived a crash.
        output: returns what surrounds the turns of a wave: where components print.

    Attributes:
        watch: returns what surrounds each turn of a task.
    """

    def __init__(
        self,
        others: Processes | None = None,
        *,
        cwd: str = ".",
        classes: Mapping[str, Callable[[], object]] | None = None,
        only_classes: bool = False,
        around: Callable[[int], AbstractContextManager[object]] | None = None,
        on_kept: Callable[[str], object] | None = None,
        environment: Mapping[str, str] | None = None,
        output: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> None:
        self._others = others
        self._cwd = os.path.abspath(cwd)
        self._classes = dict(classes or {})
        self._only_classes = only_classes
        self._around = around or _nothing
        self._on_kept = on_kept
        self._environment = dict(environment or {})
        self._kept = KeptState(self._cwd)
        self._open_before = open_descriptors()
        self.watch: Callable[[int], AbstractContextManager[object]] = _nothing
        self._has_killed = False
        self._output = output
        self._spoken = threading.Event()
        self._components: dict[int, InProcessComponent] = {}
        self._killed: list[
            InProcessComponent
        ] = []  # kept until the end, as is what ``Unwinding`` keeps

    @property
    def pid_dir(self) -> str:
        """The directory in which components leave files named after their process ids."""
        return temporary_directory()

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, starts: Sequence[Start]) -> None:
        """Import the classes of Python components; the components are constructed at their first turn."""
        elsewhere, made_by = [], []
        if self._has_killed:
            self._tell_kept()
        for start in starts:
            if self.is_here(start.component):
                name = start.component.python_class or start.component.id
                found = self._find(start)
                if not isinstance(found, BaseException):
                    made_by.append(found)
                self._components[start.task] = InProcessComponent(
                    start.seed, name, found, self._cwd, self._spoken, self._around(start.task)
                )
            else:
                elsewhere.append(start)
        self._kept.remember(*made_by)
        if elsewhere:
            assert self._others is not None, "a transport for other languages was not given"
            self._others.start(elsewhere)

    def anew(self) -> InProcess:
        """Return another one that runs the same components in the same way, and shows nothing."""
        return InProcess(
            self._others,
            cwd=self._cwd,
            classes=self._classes,
            only_classes=self._only_classes,
            around=self._around,
            environment=self._environment,
        )

    def component(self, task: int) -> object | None:
        """Return the object of a task's component; None before it is made, and where it is a process."""
        found = self._components.get(task)
        return None if found is None else found.component

    @property
    def changed_state(self) -> list[str]:
        """The attributes of modules and classes that are not what they were before components were made."""
        return self._kept.changed()

    def preload(self, component: Component, module_seed: str) -> None:
        """Import a component's class, as its start would do."""
        if self.is_here(component):
            self._find(Start(0, component, 0, "", module_seed))

    @property
    def has_processes(self) -> bool:
        """True when some of its components may be processes."""
        return self._others is not None

    def shared_state(self) -> Mapping[Attribute, object]:
        """Return what tells the values of the attributes of modules and classes that components share from others."""
        return self._kept.state()

    def fresh_modules(self) -> AbstractContextManager[None]:
        """Have the modules of the sources loaded anew, until it ends."""
        return fresh_modules(self._cwd)

    def _tell_kept(self) -> None:
        if self._on_kept:
            for line in self._kept.kept():
                self._on_kept(line)

    def is_here(self, component: Component) -> bool:
        """Return whether a component runs in this process."""
        if component.id in self._classes:
            return True
        return component.python_class is not None and not self._only_classes

    def _find(self, start: Start) -> Callable[[], object] | BaseException:
        """The class to construct; imported here, where time is real, for a module may keep its clock."""
        cls = self._classes.get(start.component.id)
        if cls is not None:
            return cls
        assert start.component.python_class is not None  # see is_here
        if (found := _found_before(start.component.python_class)) is not None:
            return found
        with OwnSurroundings(self._environment):
            try:
                os.chdir(self._cwd)
                random_state.give(random_state.seeded(start.module_seed))
                return find(start.component.python_class)
            except (Exception, SystemExit) as error:  # the user's module may do anything
                return error

    def run(
        self,
        tasks: Sequence[Task],
        on_done: Callable[[Task], object],
        meanwhile: Callable[[], object],
    ) -> None:
        """Carry each conversation until it is through or has an outcome, one after the other."""
        elsewhere = []
        with self._output():
            for task in tasks:
                component = self._components.get(task.id)
                if component is None:
                    elsewhere.append(task)
                    continue
                began, threads = time.perf_counter(), _other_threads()
                here = OwnSurroundings(self._environment)
                with here, component.surroundings as clock, self.watch(task.id):
                    component.clock = clock if clock and isinstance(clock, TaskClock) else None
                    component.converse(task)
                if isinstance(task.outcome, ProtocolError):
                    task.outcome.place = shown_place(task.outcome.place)
                task.seconds += time.perf_counter() - began
                if not task.has_threads:
                    # In this order: a thread that has ended by now has said all that it says.
                    is_new = not threads.issuperset(_other_threads())
                    task.has_threads = is_new or component.has_spoken
                on_done(task)
                meanwhile()
        if elsewhere:
            assert self._others is not None
            self._others.run(elsewhere, on_done, meanwhile)
        else:
            meanwhile()

    def listen(self, tasks: Sequence[Task], seconds: float) -> float:
        """Wait until one of these components says something outside its turns; take all that is there then."""
        here = [(self._components[task.id], task) for task in tasks if task.id in self._components]
        elsewhere = [task for task in tasks if task.id not in self._components]
        began = time.monotonic()
        while True:
            self._spoken.clear()
            for component, task in here:
                component.listen(task)
            passed = time.monotonic() - began
            left = seconds - passed
            if any(task.effects or task.outcome for task in tasks):
                return passed
            if elsewhere:
                assert self._others is not None
                self._others.listen(elsewhere, max(0.0, min(left, BOTH_SECONDS) if here else left))
                if any(task.effects or task.outcome for task in elsewhere):
                    return time.monotonic() - began
            if left <= 0:
                return passed
            if not elsewhere:
                self._spoken.wait(left)

    def stack(self, task: int) -> str:
        """The stacks of a component process that is in a turn."""
        return self._others.stack(task) if self._others and task not in self._components else ""

    def kill(self, tasks: Sequence[int]) -> None:
        """Forget these tasks' components; those that are processes are killed."""
        dead = [self._components.pop(task) for task in tasks if task in self._components]
        self._has_killed |= bool(dead)
        for component in dead:
            component.die(partial(self._held_by_others, dead))
        self._killed += dead
        if self._others:
            self._others.kill(tasks)

    def _end_connections(self) -> None:
        """End what connections there are: those of a process end with it, and a later run may need the same port."""
        if open_descriptors() > self._open_before:
            dead = [*self._components.values()]
            self._components.clear()
            end_connections([each.component for each in dead], partial(self._held_by_others, dead))

    def _held_by_others(self, dead: Iterable[InProcessComponent]) -> Iterator[object]:
        """What is not of these components alone."""
        yield from (each.component for each in self._components.values())
        made = [each.component for each in dead]
        yield from held_by_classes({cls for each in made for cls in type(each).__mro__[:-1]})
        yield from self._kept.values()
        yield from held_by_process()

    def close(self) -> None:
        """Forget all components, and end those that are processes."""
        for component in self._components.values():
            component.end()
        self._end_connections()
        self._components.clear()
        for component in self._killed:
            component.forget()
        self._killed.clear()
        if self._others:
            self._others.close()


def _found_before(name: str) -> type | None:
    """The class of this name, where its module is loaded, so that no code of the user's has to run; else None."""
    module, _, attribute = name.rpartition(".")
    loaded = sys.modules.get(module)
    found = None if loaded is None else vars(loaded).get(attribute)
    is_component = isinstance(found, type) and issubclass(found, Runnable)
    return found if is_component and not _is_being_loaded(loaded) else None


def _is_being_loaded(module: ModuleType | None) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _other_threads() -> frozenset[threading.Thread]:
    """The threads; none where there is one, as in most tests."""
    return _NO_THREADS if threading.active_count() == 1 else frozenset(threading.enumerate())


_NO_THREADS: frozenset[threading.Thread] = frozenset()
_NO_WATCH = contextlib.nullcontext()


def _nothing(task: int) -> AbstractContextManager[object]:
    return _NO_WATCH

"""The objects of components that run in this process, for tests that look into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.engine import FeedTask, Simulation
from simulator.testing.errors import HarnessError, is_test_error
from simulator.transports import InProcess

__tracebackhide__ = is_test_error  # pytest then shows the test's line


def instance_of(
    component: str,
    task: int | None,
    simulation: Simulation,
    transport: object,
    find: Callable[[int], object | None],
    *,
    at: str = "",
) -> Any:
    """Return the object of a component. Any: it is the user's class.

    Args:
        component: its id.
        task: which task; None: the only one.
        simulation: of the run.
        transport: runs the components.
        find: returns the object of a task, or None.
        at: the moment, where it is not now.

    Raises:
        HarnessError: there is no such task, several and none is named, or no object in this process.
    """
    tasks = simulation.wiring.task_ids[component]
    if task is None and len(tasks) > 1:
        where = f'topology.{at or "at(...)"}.instance("{component}", task={tasks[0]})'
        now = f"instances[{tasks[0]}]" if not at else where
        raise HarnessError(f"{component} has {len(tasks)} tasks, {list(tasks)}; name one: {now}")
    if task is not None and task not in tasks:
        raise HarnessError(f"{component} has no task {task}; its tasks are {list(tasks)}")
    chosen = tasks[0] if task is None else task
    if isinstance(simulation.tasks[chosen], FeedTask):
        raise HarnessError(f"{component} has no object: rows stand in for it")
    if not isinstance(transport, InProcess):
        raise HarnessError(_ELSEWHERE.format(component=component))
    found = find(chosen)
    if found is None:
        whose = f"{component}[{chosen}]{f' {at}' if at else ''}"
        raise HarnessError(
            f"{whose} has no object: it was not started, or its constructor failed"
            if transport.is_here(simulation.topology.components[component])
            else _ELSEWHERE.format(component=component)
        )
    return found


_ELSEWHERE = (
    "{component} runs as a process of its own, and its object is there; in this process it is with "
    'mode="inprocess" (pytest --storm-mode=inprocess)'
)

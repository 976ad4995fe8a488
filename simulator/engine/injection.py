"""The faults that are injected into a run: orders to tasks and rules on deliveries, also while it runs."""

from __future__ import annotations

from simulator.engine import faults
from simulator.engine.lifecycle import Lifecycle
from simulator.engine.network import Network
from simulator.engine.operations import Operations
from simulator.engine.tasks import Tasks
from simulator.engine.wiring import Wiring


class Injection:
    """Adds faults to a run, and tells which have not struck."""

    def __init__(
        self,
        wiring: Wiring,
        tasks: Tasks,
        network: Network,
        lifecycle: Lifecycle,
        operations: Operations,
    ) -> None:
        self._wiring = wiring
        self._tasks = tasks
        self._network = network
        self._lifecycle = lifecycle
        self._operations = operations

    def order(self, order: faults.Order) -> None:
        """Add an order.

        Raises:
            FaultError: it cannot strike.
        """
        check(self._wiring, order)
        self._lifecycle.orders.append(order)
        for task in self._tasks:
            if task.component == order.component:
                task.orders.append(order)

    def add_rule(self, rule: faults.Rule) -> None:
        """Add a rule; it judges deliveries from now on.

        Raises:
            FaultError: it cannot strike.
        """
        check(self._wiring, rule)
        self._network.rules.append(rule)

    @property
    def unstruck(self) -> list[str]:
        """A line for each order and rule that has not struck, with how often its point was reached."""
        return faults.unstruck(
            [*self._lifecycle.orders, *self._network.rules, *self._operations.events]
        )


def check(wiring: Wiring, *given: faults.Order | faults.Rule) -> None:
    """Refuse faults that cannot strike.

    Raises:
        FaultError: for the first of them.
    """
    for fault in given:
        faults.check_fault(fault, wiring.topology, wiring.task_ids, wiring.options.feeds)

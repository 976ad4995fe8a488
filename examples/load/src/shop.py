"""A shop under load: ``sparse simulate --work price=30ms`` says how long its bolts are busy with an order.

The classes below ``Count`` stand in for others, by ``--stub``. Those that sleep do so with ``--virtual-time``.
"""

import time
from collections import Counter, deque

from streamparse import BatchingBolt, Bolt, Spout


class Orders(Spout):
    """Emits orders as fast as it is asked, eight in ten of one customer, and a failed one again before the next.

    Settings: ``orders.most``, how many there are, and ``orders.rate``, how many come in a second.
    """

    def initialize(self, storm_conf, context):
        self.most = storm_conf.get("orders.most", 1_000_000)
        self.rate = storm_conf.get("orders.rate")
        self.began = time.monotonic()
        self.number = 0
        self.again = deque()

    def next_tuple(self):
        if self.again:
            self.emit_order(self.again.popleft())
        elif self.number < self.most and self.has_come(self.number):
            self.number += 1
            self.emit_order(self.number)

    def has_come(self, number):
        return not self.rate or number <= (time.monotonic() - self.began) * self.rate

    def emit_order(self, number):
        customer = "big" if number % 10 < 8 else f"customer {number % 100}"
        self.emit([number, customer], tup_id=number)

    def fail(self, tup_id):
        self.again.append(tup_id)


class Price(Bolt):
    """Looks up a price."""

    def process(self, tup):
        pass


class Count(Bolt):
    """Counts the orders of each customer."""

    def initialize(self, storm_conf, context):
        self.orders = Counter()

    def process(self, tup):
        self.orders[tup.values[1]] += 1


class Polling(Orders):
    """In place of Orders: looks for one order, and sleeps for half a second."""

    def next_tuple(self):
        super().next_tuple()
        time.sleep(0.5)


class Declines(Bolt):
    """In place of Price: fails one order in five, whatever it is."""

    auto_ack = False
    seen = 0

    def process(self, tup):
        self.seen += 1
        if self.seen % 5:
            self.ack(tup)
        else:
            self.fail(tup)


class Stalls(Bolt):
    """In place of Price: waits for 33 seconds at the 50th order, as for a database that does not answer."""

    seen = 0

    def process(self, tup):
        self.seen += 1
        if self.seen == 50:
            time.sleep(33)


class Batches(BatchingBolt):
    """In place of Price: writes batches, and logs how large each is."""

    def process_batch(self, key, tups):
        self.log(f"a batch of {len(tups)}")


class Ticks(Bolt):
    """In place of Price: logs how many orders it has priced between two ticks."""

    orders = 0

    def process(self, tup):
        self.orders += 1

    def process_tick(self, tick_tup):
        self.log(f"{self.orders} orders since the last tick")
        self.orders = 0

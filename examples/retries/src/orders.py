"""Orders that sometimes fail, and a spout that does not give up at once."""

from collections import Counter, deque

from streamparse import Bolt, Spout

ORDERS = ["book", "lamp", "chair", "desk"]
MAX_ATTEMPTS = 3


class OrderSpout(Spout):
    """Emits every order, and once more when it failed, up to MAX_ATTEMPTS times."""

    def initialize(self, storm_conf, context):
        self.waiting = deque(range(len(ORDERS)))
        self.attempts = Counter()

    def next_tuple(self):
        if self.waiting:
            number = self.waiting.popleft()
            self.attempts[number] += 1
            self.emit([ORDERS[number]], tup_id=number)

    def ack(self, tup_id):
        self.log(f"{ORDERS[tup_id]}: done at attempt {self.attempts[tup_id]}")

    def fail(self, tup_id):
        if self.attempts[tup_id] < MAX_ATTEMPTS:
            self.waiting.append(tup_id)
        else:
            self.log(f"{ORDERS[tup_id]}: given up", level="warn")


# How often each fails: lamps need a second attempt, chairs are never paid for.
FAILURES = {"lamp": 1, "chair": MAX_ATTEMPTS}


class ChargeBolt(Bolt):
    """Charges for an order."""

    def initialize(self, storm_conf, context):
        self.attempts = Counter()

    def process(self, tup):
        order = tup.values[0]
        self.attempts[order] += 1
        if self.attempts[order] <= FAILURES.get(order, 0):
            self.fail(tup)
        else:
            self.emit([order, self.attempts[order]])

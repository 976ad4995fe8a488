"""Spouts that keep books about what is on its way: when a row comes again, and when all is done."""

from __future__ import annotations

from streamparse.testing import RunningTopology
from tests.planted import outside
from tests.planted.pair import Pair
from tests.planted.parts import ROWS, STORED, Conf, Reads

WAIT_TURNS = 3  # of a row that has failed


class WaitsBeforeRetries(Reads):
    """A row that has failed waits for some turns before it is emitted again."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.turn = 0
        self.due: dict[int, list[int]] = {}

    def next_tuple(self) -> None:
        self.turn += 1
        for turn in [each for each in self.due if each <= self.turn]:
            self.again.extend(self.due.pop(turn))
        super().next_tuple()

    def fail(self, number: int) -> None:
        self.due.setdefault(self.turn + WAIT_TURNS, []).append(number)


class OneForEachTurn(WaitsBeforeRetries):
    def fail(self, number: int) -> None:
        self.due[self.turn + WAIT_TURNS] = [number]


class KeepsPending(Reads):
    """Keeps the rows that are on their way, to have them when they fail."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.pending: dict[int, list[object]] = {}

    def send(self, number: int) -> None:
        self.pending[number] = self.rows[number]
        super().send(number)

    def ack(self, number: int) -> None:
        self.pending.pop(number, None)
        super().ack(number)

    def fail(self, number: int) -> None:
        if number in self.pending:
            self.again.append(number)


class ForgetsPendingAtRetry(KeepsPending):
    def fail(self, number: int) -> None:
        row = self.pending.pop(number, None)
        if row is not None:
            self.emit(row, tup_id=number)


class CountsThoseOnTheirWay(Reads):
    """Has at most three rows on their way, by a count of its own."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.on_their_way = 0

    def next_tuple(self) -> None:
        if self.on_their_way < 3:
            super().next_tuple()

    def send(self, number: int) -> None:
        self.on_their_way += 1
        super().send(number)

    def ack(self, number: int) -> None:
        self.on_their_way -= 1
        super().ack(number)

    def fail(self, number: int) -> None:
        self.on_their_way -= 1
        super().fail(number)


class FailedStayOnTheirWay(CountsThoseOnTheirWay):
    def fail(self, number: int) -> None:
        Reads.fail(self, number)


class EndsWithTheTopic(Reads):
    """Has nothing more to do when it has come to the end of its rows: what fails then is not emitted again."""

    has_ended = False

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.has_ended = False

    def next_tuple(self) -> None:
        if not self.has_ended:
            super().next_tuple()
            self.has_ended = self.at == len(self.rows) and not self.again


class TellsTheEnd(Reads):
    """Writes down that all is done, and how much is stored by then."""

    def ack(self, number: int) -> None:
        super().ack(number)
        if self.committed() == len(self.rows):
            self.tell()

    def tell(self) -> None:
        outside.table("done").setdefault("stored", len(outside.stored()))


class EndsWithAsManyAnswers(TellsTheEnd):
    """Takes all for done when it has got as many answers as it has rows, and a fail is an answer."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.answers = self.at

    def ack(self, number: int) -> None:
        Reads.ack(self, number)
        self.count()

    def fail(self, number: int) -> None:
        super().fail(number)
        self.count()

    def count(self) -> None:
        self.answers += 1
        if self.answers == len(self.rows):
            self.tell()


class TakesFromQueue(Reads):
    """Reads a queue, and takes a row out of it when it is acked."""

    def initialize(self, conf: Conf, context: Conf) -> None:
        super().initialize(conf, context)
        self.rows = list(outside.TOPIC)
        self.at = 0

    def send(self, number: int) -> None:
        row = self.rows[number]
        self.emit(row, tup_id=row[0])

    def ack(self, number: int) -> None:
        outside.TOPIC[:] = [row for row in outside.TOPIC if row[0] != number]

    def fail(self, number: int) -> None:
        self.again.append([row[0] for row in self.rows].index(number))


class TakesTheFirst(TakesFromQueue):
    def ack(self, number: int) -> None:
        del outside.TOPIC[:1]


def stored_and_left(topology: RunningTopology) -> tuple[dict[int, str], int]:
    return outside.stored(), len(outside.TOPIC)


def stored_and_told(topology: RunningTopology) -> tuple[dict[int, str], int | None]:
    return outside.stored(), outside.table("done").get("stored")


PAIRS = [
    Pair(
        name="one retry for each moment",
        bug="Rows that failed wait in a dict by the time at which they are due: of two that are due at one time, one "
        "is lost.",
        clj="store.clj",
        wrong={"orders": OneForEachTurn},
        right={"orders": WaitsBeforeRetries},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="forgotten at the retry",
        bug="A row that fails is taken from those on their way and emitted again, but not put back: its second failure "
        "finds nothing.",
        clj="store.clj",
        wrong={"orders": ForgetsPendingAtRetry},
        right={"orders": KeepsPending},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="failed rows stay on their way",
        bug="A spout counts the rows that are on their way, and a fail does not end one: after three of them it emits "
        "nothing more.",
        clj="store.clj",
        wrong={"orders": FailedStayOnTheirWay},
        right={"orders": CountsThoseOnTheirWay},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="done at the end of the topic",
        bug="A spout that has come to the end of its rows returns at once from then on: what fails later is not "
        "emitted again.",
        clj="store.clj",
        wrong={"orders": EndsWithTheTopic},
        right={"orders": Reads},
        topic=ROWS,
        result=lambda topology: outside.stored(),
        expected=STORED,
    ),
    Pair(
        name="done with as many answers as rows",
        bug="All is told to be done when as many answers have come as there are rows: a fail is taken for one of them.",
        clj="store.clj",
        wrong={"orders": EndsWithAsManyAnswers},
        right={"orders": TellsTheEnd},
        topic=ROWS,
        result=stored_and_told,
        expected=(STORED, len(ROWS)),
    ),
    Pair(
        name="an ack takes the first of the queue",
        bug="Each ack takes the first row out of the queue, whichever was acked: a restart finds the wrong ones there.",
        clj="store.clj",
        wrong={"orders": TakesTheFirst},
        right={"orders": TakesFromQueue},
        topic=ROWS,
        result=stored_and_left,
        expected=(STORED, 0),
    ),
]

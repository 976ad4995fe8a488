"""Spouts for topologies in Python; each emits a few tuples."""

from streamparse import Spout, Stream
from streamparse.spout import ReliableSpout


class _Few(Spout):
    """Emits four tuples."""

    def initialize(self, storm_conf, context):
        self.number = 0

    def next_tuple(self):
        if self.number < 4:
            self.number += 1
            self.emit_one(self.number)


class WordSpout(_Few):
    outputs = ["word"]

    def emit_one(self, number):
        self.emit([("dog", "cat")[number % 2]], tup_id=number)


class PairSpout(_Few):
    outputs = ("key", "value")
    par = 2
    config = {"pairs.start": 1}

    def emit_one(self, number):
        self.emit(["k", number + self.storm_conf["pairs.start"]], tup_id=number)


class LineSpout(_Few):
    outputs = [Stream(fields=("line",)), Stream(["error"], name="errors")]

    def emit_one(self, number):
        self.emit(["a b"], tup_id=number)
        self.emit(["broken"], stream="errors")


class MixedSpout(_Few):
    outputs = ["word", Stream(fields=["late"], name="late")]

    def emit_one(self, number):
        self.emit(["dog"], tup_id=number)


class DirectSpout(_Few):
    outputs = [Stream(["word"], direct=True)]

    def emit_one(self, number):
        tasks = self.context["task->component"]
        others = (int(task) for task, name in tasks.items() if not name.startswith("__"))
        target = next(task for task in others if task != self.task_id)
        self.emit(["dog"], tup_id=number, direct_task=target)


class SureSpout(ReliableSpout):
    outputs = ["word"]

    def initialize(self, storm_conf, context):
        self.number = 0

    def next_tuple(self):
        if self.number < 4:
            self.number += 1
            self.emit([f"w{self.number}"], tup_id=self.number)

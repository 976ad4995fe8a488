"""Bolts for topologies in Python."""

from collections import Counter

from streamparse import BatchingBolt, Bolt, Stream, TicklessBatchingBolt


class Upper(Bolt):
    outputs = ["word"]

    def process(self, tup):
        self.emit([str(tup.values[0]).upper()])


class WordCounter(Bolt):
    outputs = ["word", "count"]

    def initialize(self, storm_conf, context):
        self.counts = Counter()

    def process(self, tup):
        self.counts[tup.values.word] += 1
        self.emit([tup.values.word, self.counts[tup.values.word]])


class Splitter(Bolt):
    outputs = [Stream(["word"]), Stream(["line"], name="empty")]

    def process(self, tup):
        for word in str(tup.values[0]).split():
            self.emit([word])


class Sink(Bolt):
    def process(self, tup):
        pass


class OutputBolt(Bolt):
    outputs = ["out"]

    def process(self, tup):
        self.emit([len({tup.values})])  # a named tuple can be in a set


class Echo(Bolt):
    """Sends each word around once."""

    outputs = [Stream(["word"]), Stream(["word"], name="again")]

    def process(self, tup):
        self.emit(tup.values, stream="again" if tup.component != "echo" else "default")


class Seconds(TicklessBatchingBolt):
    outputs = ["count"]
    secs_between_batches = 1

    def process_batch(self, key, tups):
        self.emit([len(tups)])


class Ticks(BatchingBolt):
    outputs = ["count"]
    ticks_between_batches = 0

    def process_batch(self, key, tups):
        self.emit([len(tups)])


class Brave(Bolt):
    """Goes on after an exception."""

    outputs = ["word"]
    exit_on_exception = False

    def initialize(self, storm_conf, context):
        self.has_failed = False

    def process(self, tup):
        if not self.has_failed:
            self.has_failed = True
            raise ValueError("the first one")
        self.emit([tup.values.word])


class FailsOnce(Bolt):
    outputs = ["word"]

    def initialize(self, storm_conf, context):
        self.seen = set()

    def process(self, tup):
        if tup.values not in self.seen:
            self.seen.add(tup.values)
            self.fail(tup)
        else:
            self.emit([tup.values.word])

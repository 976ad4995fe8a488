"""Sentences into words, words into counts."""

from collections import Counter

from streamparse import Bolt


class SplitBolt(Bolt):
    """Emits every word of a sentence."""

    def process(self, tup):
        for word in tup.values[0].split():
            self.emit([word])


class CountBolt(Bolt):
    """Emits each word with how often it has come so far."""

    def initialize(self, storm_conf, context):
        self.counts = Counter()

    def process(self, tup):
        word = tup.values[0]
        self.counts[word] += 1
        self.emit([word, self.counts[word]])

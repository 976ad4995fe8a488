"""The topology: its spouts and bolts, and the streams between them."""

from bolts.wordcount import WordCounter
from spouts.words import WordSpout

from streamparse import Grouping, Topology


class WordCount(Topology):
    word_spout = WordSpout.spec(name="word-spout")

    # Grouped by word, so that a word always reaches the same of the two counters. With Grouping.SHUFFLE a dog could
    # go to either of them, and neither would know how many there are.
    count_bolt = WordCounter.spec(
        name="count-bolt",
        inputs={word_spout: Grouping.fields("word")},
        par=2,  # two tasks, each a process
    )

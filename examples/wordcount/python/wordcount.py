from bolts.wordcount import WordCounter
from spouts.words import WordSpout

from streamparse import Grouping, Topology


class Wordcount(Topology):
    word_spout = WordSpout.spec(name="word-spout", outputs=["word"])
    count_bolt = WordCounter.spec(
        name="count-bolt",
        inputs={
            word_spout: Grouping.fields("word"),
        },
        par=2,
        outputs=["word", "count"],
    )

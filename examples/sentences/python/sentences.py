from bolts import CountBolt, SplitBolt
from spouts import SentenceSpout

from streamparse import Grouping, Topology


class Sentences(Topology):
    sentence_spout = SentenceSpout.spec(name="sentence-spout", outputs=["sentence"])
    split_bolt = SplitBolt.spec(
        name="split-bolt",
        inputs={
            sentence_spout: Grouping.SHUFFLE,
        },
        outputs=["word"],
    )
    count_bolt = CountBolt.spec(
        name="count-bolt",
        inputs={
            split_bolt: Grouping.fields("word"),
        },
        par=2,
        outputs=["word", "count"],
    )

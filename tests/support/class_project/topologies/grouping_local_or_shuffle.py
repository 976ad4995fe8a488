"""The grouping LOCAL_OR_SHUFFLE."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class GroupingLocalOrShuffle(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.LOCAL_OR_SHUFFLE}, par=2)
    sink = Sink.spec(inputs=[upper])

"""The grouping SHUFFLE."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class GroupingShuffle(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.SHUFFLE}, par=2)
    sink = Sink.spec(inputs=[upper])

"""The grouping NONE."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class GroupingNone(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.NONE}, par=2)
    sink = Sink.spec(inputs=[upper])

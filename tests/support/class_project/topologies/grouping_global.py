"""The grouping GLOBAL."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class GroupingGlobal(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.GLOBAL}, par=2)
    sink = Sink.spec(inputs=[upper])

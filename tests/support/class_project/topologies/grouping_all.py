"""The grouping ALL."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class GroupingAll(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.ALL}, par=2)
    sink = Sink.spec(inputs=[upper])

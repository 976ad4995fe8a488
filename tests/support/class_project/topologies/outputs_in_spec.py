"""Outputs in the spec of a Python component."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class OutputsInSpec(Topology):
    word_spout = WordSpout.spec(outputs=["animal"])
    count_bolt = Upper.spec(inputs={word_spout: Grouping.fields("animal")}, outputs=["loud"])

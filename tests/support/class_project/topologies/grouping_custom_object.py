"""A grouping of a Java class."""

from bolts import Sink
from spouts import WordSpout

from streamparse import Grouping, Topology


class GroupingCustomObject(Topology):
    word_spout = WordSpout.spec()
    sink = Sink.spec(
        inputs={word_spout: Grouping.custom_object("my.Grouping", [1, True, "x", 1.5])}
    )

"""Storm's PartialKeyGrouping, by its class."""

from bolts import Sink
from spouts import WordSpout

from streamparse import Grouping, Topology


class PartialKey(Topology):
    word_spout = WordSpout.spec()
    sink = Sink.spec(
        inputs={word_spout: Grouping.custom_object("org.apache.storm.grouping.PartialKeyGrouping")},
        par=2,
    )

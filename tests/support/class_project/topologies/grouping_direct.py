"""The grouping DIRECT."""

from bolts import Sink
from spouts import DirectSpout

from streamparse import Grouping, Topology


class GroupingDirect(Topology):
    direct_spout = DirectSpout.spec()
    sink = Sink.spec(inputs={direct_spout: Grouping.DIRECT})

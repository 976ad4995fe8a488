"""The settings of a class."""

from bolts import Sink
from spouts import PairSpout

from streamparse import Topology


class ConfigOfClass(Topology):
    pairs = PairSpout.spec()
    sink = Sink.spec(inputs=[pairs])

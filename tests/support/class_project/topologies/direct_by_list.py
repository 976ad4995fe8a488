"""A list subscribes a direct stream directly."""

from bolts import Sink
from spouts import DirectSpout

from streamparse import Topology


class DirectByList(Topology):
    direct_spout = DirectSpout.spec()
    sink = Sink.spec(inputs=[direct_spout])

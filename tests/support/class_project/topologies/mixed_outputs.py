"""Fields and Streams mixed in outputs."""

from bolts import Sink
from spouts import MixedSpout

from streamparse import Topology


class MixedOutputs(Topology):
    mixed = MixedSpout.spec()
    sink = Sink.spec(inputs=[mixed, mixed["late"]])

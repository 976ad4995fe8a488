"""A loop, by the id of the component."""

from bolts import Echo, Sink
from spouts import WordSpout

from streamparse import Grouping, Topology
from streamparse.thrift import GlobalStreamId


class LoopById(Topology):
    word_spout = WordSpout.spec()
    echo = Echo.spec(
        inputs={
            word_spout: Grouping.SHUFFLE,
            GlobalStreamId(componentId="echo", streamId="again"): Grouping.SHUFFLE,
        }
    )
    sink = Sink.spec(inputs=[echo])

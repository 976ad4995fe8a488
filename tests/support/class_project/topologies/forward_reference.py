"""A bolt before the one that it takes from."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Topology
from streamparse.thrift import GlobalStreamId


class ForwardReference(Topology):
    word_spout = WordSpout.spec()
    sink = Sink.spec(inputs=[GlobalStreamId("upper-bolt", "default")])
    upper = Upper.spec(name="upper-bolt", inputs=[word_spout])

"""One dict for two bolts."""

from bolts import Sink, Upper
from spouts import WordSpout

from streamparse import Grouping, Topology


class OneDictTwice(Topology):
    word_spout = WordSpout.spec()
    _inputs = {word_spout: Grouping.SHUFFLE}
    upper = Upper.spec(inputs=_inputs)
    sink = Sink.spec(inputs=_inputs)

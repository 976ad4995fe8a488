"""Several fields in a list."""

from bolts import Sink
from spouts import PairSpout

from streamparse import Grouping, Topology


class FieldsSeveralList(Topology):
    pairs = PairSpout.spec()
    sink = Sink.spec(inputs={pairs: Grouping.fields(["value", "key"])}, par=3)

"""Several fields."""

from bolts import Sink
from spouts import PairSpout

from streamparse import Grouping, Topology


class FieldsSeveral(Topology):
    pairs = PairSpout.spec()
    sink = Sink.spec(inputs={pairs: Grouping.fields("key", "value")})

"""A stream of a component that has two."""

from bolts import Sink, Splitter
from spouts import LineSpout

from streamparse import Grouping, Topology


class StreamOfSpec(Topology):
    lines = LineSpout.spec()
    split = Splitter.spec(inputs={lines: Grouping.SHUFFLE})
    errors = Sink.spec(inputs={lines["errors"]: Grouping.SHUFFLE})

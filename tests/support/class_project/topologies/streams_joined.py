"""A bolt of three streams."""

from bolts import Sink, Splitter
from spouts import LineSpout

from streamparse import Grouping, Topology


class StreamsJoined(Topology):
    lines = LineSpout.spec()
    split = Splitter.spec(inputs=[lines])
    sink = Sink.spec(
        inputs={
            split: Grouping.fields("word"),
            split["empty"]: Grouping.GLOBAL,
            lines["errors"]: Grouping.ALL,
        }
    )

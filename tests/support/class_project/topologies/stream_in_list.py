"""A stream in a list."""

from bolts import Sink
from spouts import LineSpout

from streamparse import Topology


class StreamInList(Topology):
    lines = LineSpout.spec()
    errors = Sink.spec(inputs=[lines["errors"], lines])

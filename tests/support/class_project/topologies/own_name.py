"""Attributes of the names of the classes."""

from bolts import OutputBolt
from spouts import WordSpout

from streamparse import Topology


class OwnName(Topology):
    WordSpout = WordSpout.spec()
    OutputBolt = OutputBolt.spec(inputs=[WordSpout])

"""A project that imports a fork by its own name."""

from a8c_bolt import Upper
from pystorm_a8c import Grouping, Topology
from spouts import WordSpout


class ForkName(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.SHUFFLE})

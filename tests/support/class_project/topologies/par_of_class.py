"""The par of a class."""

from spouts import PairSpout

from streamparse import Topology


class ParOfClass(Topology):
    pairs = PairSpout.spec()

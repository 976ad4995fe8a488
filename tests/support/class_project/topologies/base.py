"""A base of topologies, which has no components."""

from streamparse import Topology


class Base(Topology):
    config = {"topology.max.spout.pending": 10}

"""A base of topologies in the sources, and names that several files use."""

from enum import Enum

from streamparse import Topology


class Ours(Topology):
    config = {"topology.max.spout.pending": 10}


class Names(str, Enum):
    WORDS = "word-spout"
    FIELD = "word"

"""A spout alone."""

from spouts import WordSpout

from streamparse import Topology


class OneSpout(Topology):
    word_spout = WordSpout.spec()

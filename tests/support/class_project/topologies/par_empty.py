"""No numbers by environment: one everywhere."""

from spouts import WordSpout

from streamparse import Topology


class ParEmpty(Topology):
    word_spout = WordSpout.spec(par={})

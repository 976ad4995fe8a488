"""Inputs as a tuple."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class InputsTuple(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs=(word_spout,))

"""Inputs that are one spec."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class InputsOne(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs=word_spout)

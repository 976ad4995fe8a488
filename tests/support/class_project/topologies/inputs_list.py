"""Inputs as a list."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class InputsList(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs=[word_spout])

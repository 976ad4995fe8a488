"""Specs that a loop makes."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class MadeInLoop(Topology):
    word_spout = WordSpout.spec()
    for number in range(3):
        locals()[f"upper_{number}"] = Upper.spec(inputs=[word_spout])
    del number

"""Numbers of executors."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class ParNumber(Topology):
    word_spout = WordSpout.spec(par=2)
    upper = Upper.spec(inputs=[word_spout], par=3)

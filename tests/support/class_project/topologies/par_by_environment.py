"""Numbers by environment."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class ParByEnvironment(Topology):
    word_spout = WordSpout.spec(par={"prod": 2, "beta": 1})
    upper = Upper.spec(inputs=[word_spout], par={"prod": 4, "beta": 1})

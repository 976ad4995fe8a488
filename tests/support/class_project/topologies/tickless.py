"""A bolt with a timer of its own."""

from bolts import Seconds
from spouts import WordSpout

from streamparse import Topology


class Tickless(Topology):
    word_spout = WordSpout.spec()
    seconds = Seconds.spec(inputs=[word_spout])

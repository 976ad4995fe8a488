"""A bolt that goes on after an exception."""

from bolts import Brave
from spouts import WordSpout

from streamparse import Topology


class GoesOn(Topology):
    word_spout = WordSpout.spec()
    brave = Brave.spec(inputs=[word_spout])

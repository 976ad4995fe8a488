"""Arguments by position."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class ByPosition(Topology):
    word_spout = WordSpout.spec("words", 2, {"a": 1})
    upper = Upper.spec("upper-bolt", [word_spout], 2, {"b": 2})

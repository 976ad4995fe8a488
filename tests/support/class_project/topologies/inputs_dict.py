"""Inputs as a dict."""

from bolts import WordCounter
from spouts import WordSpout

from streamparse import Grouping, Topology


class InputsDict(Topology):
    word_spout = WordSpout.spec()
    count_bolt = WordCounter.spec(inputs={word_spout: Grouping.fields("word")})

"""Names with dashes."""

from bolts import WordCounter
from spouts import WordSpout

from streamparse import Grouping, Topology


class Named(Topology):
    word_spout = WordSpout.spec(name="word-spout")
    count_bolt = WordCounter.spec(name="count-bolt", inputs={word_spout: Grouping.fields("word")})

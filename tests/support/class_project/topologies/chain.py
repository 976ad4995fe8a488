"""Several bolts in a row."""

from bolts import Splitter, Upper, WordCounter
from spouts import LineSpout

from streamparse import Grouping, Topology


class Chain(Topology):
    lines = LineSpout.spec(name="line-spout")
    split = Splitter.spec(inputs={lines: Grouping.SHUFFLE}, par=2)
    upper = Upper.spec(inputs={split: Grouping.LOCAL_OR_SHUFFLE})
    count_bolt = WordCounter.spec(name="count-bolt", inputs={upper: Grouping.fields("word")}, par=2)

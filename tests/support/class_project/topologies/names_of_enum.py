"""Names that are members of an Enum."""

from bases import Names
from bolts import WordCounter
from spouts import WordSpout

from streamparse import Grouping, Topology


class NamesOfEnum(Topology):
    word_spout = WordSpout.spec(name=Names.WORDS)
    count_bolt = WordCounter.spec(inputs={word_spout: Grouping.fields(Names.FIELD)})

"""Imports from the modules of the DSL."""

from bolts import Upper
from spouts import WordSpout

from streamparse.dsl.stream import Grouping
from streamparse.dsl.topology import Topology


class FromModules(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs={word_spout: Grouping.SHUFFLE})

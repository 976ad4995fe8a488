"""An argument replaces the settings of the class."""

from spouts import PairSpout

from streamparse import Topology


class ConfigReplaced(Topology):
    pairs = PairSpout.spec(config={"pairs.start": 5}, par=1)

"""The settings of a component."""

from bolts import Ticks
from spouts import WordSpout

from streamparse import Topology


class ConfigOfComponent(Topology):
    word_spout = WordSpout.spec()
    ticks = Ticks.spec(
        inputs=[word_spout], config={"topology.tick.tuple.freq.secs": 1, "a": [1, None, {"b": 1.5}]}
    )

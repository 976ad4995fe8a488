"""The settings of the topology."""

from spouts import WordSpout

from streamparse import Topology


class ConfigOfTopology(Topology):
    config = {"topology.message.timeout.secs": 60, "my.list": ["a", 1]}
    word_spout = WordSpout.spec()

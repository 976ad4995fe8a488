"""Values, dicts, methods and a print in the body."""

from spouts import WordSpout

from streamparse import Topology


class PlainValues(Topology):
    print("reading")
    number = 3
    names = {"a": 1}

    word_spout = WordSpout.spec()

    def describe(self):
        return self.number

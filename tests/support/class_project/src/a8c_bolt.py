"""A bolt of a project that imports a fork by its own name."""

from pystorm_a8c import Bolt


class Upper(Bolt):
    outputs = ["word"]

    def process(self, tup):
        self.emit([tup.values.word.upper()])

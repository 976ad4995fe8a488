"""A class whose specs are looked at from outside."""

from spouts import WordSpout

from streamparse import Topology


class LookedAt(Topology):
    word_spout = WordSpout.spec()


NAMES = [each.name for each in LookedAt.specs]

"""A base class that is in src/."""

from bases import Ours
from spouts import WordSpout


class BaseOfSources(Ours):
    word_spout = WordSpout.spec()

"""A class that derives from one of another file."""

from base import Base
from spouts import WordSpout


class ImportedBase(Base):
    word_spout = WordSpout.spec()

"""A change of sys.path at the top of the file."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "helpers"))

from paths import WORKERS
from spouts import WordSpout

from streamparse import Topology


class SysPath(Topology):
    word_spout = WordSpout.spec(par=WORKERS)

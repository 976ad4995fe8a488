"""A helper beside the topology that is set up first."""

import settings
from bolts import Upper
from spouts import WordSpout

from streamparse import Topology

settings.init()


class SettingsInit(Topology):
    word_spout = WordSpout.spec(par=settings.PARALLELISM["spouts"])
    upper = Upper.spec(inputs=[word_spout], par=settings.PARALLELISM["bolts"])

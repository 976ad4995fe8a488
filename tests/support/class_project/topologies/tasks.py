"""More tasks than executors."""

from bolts import Upper
from spouts import WordSpout

from streamparse import Topology


class Tasks(Topology):
    word_spout = WordSpout.spec()
    upper = Upper.spec(inputs=[word_spout], par=2, config={"topology.tasks": 4})

"""A spout that emits again what has failed."""

from bolts import FailsOnce
from spouts import SureSpout

from streamparse import Topology


class Reliable(Topology):
    sure = SureSpout.spec()
    fails = FailsOnce.spec(inputs=[sure])

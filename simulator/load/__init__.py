"""Topologies under load: the verdict on a run whose work takes time, what would help, and how much a topology holds."""

from simulator.load.advice import Variant, advise
from simulator.load.capacity import Capacity, capacity
from simulator.load.hints import long_wait, silent_spouts, slow_spout
from simulator.load.measure import as_file, measured_work
from simulator.load.verdict import Verdict, judge

__all__ = [
    "Capacity",
    "Variant",
    "Verdict",
    "advise",
    "as_file",
    "capacity",
    "judge",
    "long_wait",
    "measured_work",
    "silent_spouts",
    "slow_spout",
]

"""The transports of components: processes, or objects in this process. The only package with a door to the world.

Both transports carry the same conversations (``simulator.engine.tasks``) to their end and report the same outcomes.
"""

from simulator.transports.accounting import Stopwatch
from simulator.transports.channel import Observer, StderrListener
from simulator.transports.endings import Ending
from simulator.transports.fork_server_client import hash_seed_environment, start_fork_server
from simulator.transports.forked_copy import ForkError, OutsideError, Uncopied, in_a_fork
from simulator.transports.inprocess import InProcess
from simulator.transports.kept_state import Attribute
from simulator.transports.outside import Outside, is_traced, why_not_fork
from simulator.transports.processes import MOST_HANG_SECONDS, Processes, allowed_silence
from simulator.transports.real_time import real_seconds, real_time_pace
from simulator.transports.resources import ResourceError
from simulator.transports.snapshots import Finished, Job, Snapshot, Snapshots, end_child, is_child
from simulator.transports.temporary import temporary_directory

__all__ = [
    "MOST_HANG_SECONDS",
    "Attribute",
    "Ending",
    "Finished",
    "ForkError",
    "InProcess",
    "Job",
    "Observer",
    "Outside",
    "OutsideError",
    "Processes",
    "ResourceError",
    "Snapshot",
    "Snapshots",
    "StderrListener",
    "Stopwatch",
    "Uncopied",
    "allowed_silence",
    "end_child",
    "hash_seed_environment",
    "in_a_fork",
    "is_child",
    "is_traced",
    "real_seconds",
    "real_time_pace",
    "start_fork_server",
    "temporary_directory",
    "why_not_fork",
]

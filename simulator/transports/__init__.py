"""The transports of components: processes, or objects in this process. The only package with a door to the world.

Both transports carry the same conversations (``simulator.engine.tasks``) to their end and report the same outcomes.
"""

from simulator.transports.accounting import Stopwatch
from simulator.transports.channel import Observer, StderrListener
from simulator.transports.endings import Ending
from simulator.transports.fork_server_client import start_fork_server
from simulator.transports.inprocess import InProcess
from simulator.transports.processes import MOST_HANG_SECONDS, Processes, allowed_silence
from simulator.transports.real_time import real_time_pace
from simulator.transports.resources import ResourceError
from simulator.transports.temporary import temporary_directory

__all__ = [
    "MOST_HANG_SECONDS",
    "Ending",
    "InProcess",
    "Observer",
    "Processes",
    "ResourceError",
    "StderrListener",
    "Stopwatch",
    "allowed_silence",
    "real_time_pace",
    "start_fork_server",
    "temporary_directory",
]

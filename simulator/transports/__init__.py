"""How components run: as processes, or as objects in this one."""

from simulator.transports import fork_server_client
from simulator.transports.both import Channel, InProcess, Processes, StderrListener, real_time_pace

__all__ = [
    "Channel",
    "InProcess",
    "Processes",
    "StderrListener",
    "fork_server_client",
    "real_time_pace",
]

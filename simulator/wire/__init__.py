"""The protocol between Storm and one component: its rules, and the same at the engine's speed."""

from simulator.wire import protocol
from simulator.wire.codec import (
    Ack,
    Emit,
    Fail,
    Message,
    Sync,
    parse,
    parse_all,
    plain_json,
    unprinted,
)
from simulator.wire.depth import MOST_NESTED, is_too_deep
from simulator.wire.json_printer import QUOTED, LongFloat, storm_json
from simulator.wire.json_reader import Dialect
from simulator.wire.protocol import (
    Error,
    Log,
    Metrics,
    Timer,
    Unknown,
    command,
    handshakes,
    heartbeat,
    parse_pid,
    task_ids,
)

__all__ = [
    "MOST_NESTED",
    "QUOTED",
    "Ack",
    "Dialect",
    "Emit",
    "Error",
    "Fail",
    "Log",
    "LongFloat",
    "Message",
    "Metrics",
    "Sync",
    "Timer",
    "Unknown",
    "command",
    "handshakes",
    "heartbeat",
    "is_too_deep",
    "parse",
    "parse_all",
    "parse_pid",
    "plain_json",
    "protocol",
    "storm_json",
    "task_ids",
    "unprinted",
]

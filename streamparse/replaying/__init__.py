"""Recordings replayed against the component of today, and what else they are good for."""

from streamparse.replaying.comparison import Comparison, Tolerances, compare
from streamparse.replaying.conversation import (
    Conversation,
    ConversationError,
    Turn,
    read_conversation,
)
from streamparse.replaying.player import Played, Player
from streamparse.replaying.recorded import Death, Recorded, by_component
from streamparse.replaying.workload import (
    Workload,
    WorkloadError,
    read_workload,
    recorded_work,
    workload_of,
)

__all__ = [
    "Comparison",
    "Conversation",
    "ConversationError",
    "Death",
    "Played",
    "Player",
    "Recorded",
    "Tolerances",
    "Turn",
    "Workload",
    "WorkloadError",
    "by_component",
    "compare",
    "read_conversation",
    "read_workload",
    "recorded_work",
    "workload_of",
]

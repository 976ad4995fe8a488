"""Recordings replayed against the component of today, and what else they are good for."""

from streamparse.replaying.comparison import Comparison, Tolerances, compare
from streamparse.replaying.conversation import (
    Conversation,
    ConversationError,
    Turn,
    read_conversation,
)
from streamparse.replaying.player import Played, Player

__all__ = [
    "Comparison",
    "Conversation",
    "ConversationError",
    "Played",
    "Player",
    "Tolerances",
    "Turn",
    "compare",
    "read_conversation",
]

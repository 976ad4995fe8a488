"""The ``sparse`` command: ``sparse.py`` is its frame, every other module one of its commands or a part of several."""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.cli.sparse import COMMANDS, Command, main

__all__ = ["COMMANDS", "Command", "main"]

__getattr__ = lazy_getattr(__name__, {"sparse": ("COMMANDS", "Command", "main")})

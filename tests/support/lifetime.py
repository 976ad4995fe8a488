"""Servers end with whoever started them, however that one ends: what is left would be beside all later tests."""

from __future__ import annotations

__all__ = ["END_WITH_STARTER"]

#: For the start of a script of sh, whose stdin is a pipe that nobody writes to. When the other end is closed, all of
#: the script's process group is killed. ``$!`` is the process that waits for that.
END_WITH_STARTER = """\
exec 3<&0 </dev/null
{ read _ <&3 || kill -KILL 0; } &
exec 3<&-
"""

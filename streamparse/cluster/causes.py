"""The line that tells most about a command that failed on a worker."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["find_cause"]

# pip's own words around the cause.
_NOISE = re.compile(
    r"(?:note|hint|warning|deprecation): |╰─>|[×│] |\[notice\]|\[end of output\]|exit code: \d+$"
    r"|error: (?:subprocess-exited-with-error|metadata-generation-failed|legacy-install-failure)$"
    r"|error: failed-wheel-build-for-install$",
    re.IGNORECASE,
)
# Lines that say less than one of pip's errors before them.
_SAYS_LESS = re.compile(
    r"ResolutionImpossible|Failed (?:building wheel|to build)|Could not build wheels|Exception:$"
)
_RAISED = re.compile(
    r"(?:[\w.]+(?:Error|Exception|Exit|Interrupt)|(?:fatal )?error)\b: ?.", re.IGNORECASE
)
_PACKAGE = re.compile(
    r"Failed (?:building wheel for|to build installable wheels for .*\(|to build )'?([\w.-]+)"
)
_UNREACHABLE = re.compile(
    r"(Connection refused|Name or service not known|Temporary failure in name resolution|timed out"
    r"|No route to host|Network is unreachable|certificate verify failed[^)\]]*)"
)


def find_cause(output: str, status: int) -> str:
    """Return the cause of a failure in one line.

    Args:
        output: what the command printed.
        status: its exit status, for a command that has printed nothing.
    """
    if "No space left on device" in output:
        return "No space left on device"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return _in_a_build(lines) or _error(lines) or _last(lines) or f"exit status {status}"


def _in_a_build(lines: Sequence[str]) -> str | None:
    """The cause in the output of a program that pip has run to build a package."""
    ends = [at for at, line in enumerate(lines) if line == "[end of output]"]
    if not ends:
        return None
    begins = [at for at in range(ends[0]) if re.search(r"lines? of output\]$", lines[at])]
    block = lines[begins[-1] + 1 : ends[0]] if begins else lines[: ends[0]]
    raised = [line for line in block if _RAISED.match(line)]
    causes = raised or block
    return f"{_package(lines, ends[0])} cannot be built: {causes[-1]}" if causes else None


def _package(lines: Sequence[str], end: int) -> str:
    for line in lines[end:]:
        if found := _PACKAGE.search(line):
            return found[1]
    collected = [
        line.split()[1] for line in lines[:end] if re.match(r"(?:Collecting|Processing) \S", line)
    ]
    return collected[-1] if collected else "a package"


def _error(lines: Sequence[str]) -> str | None:
    """The last of pip's errors that is not only a summary."""
    errors = [at for at, line in enumerate(lines) if line.startswith("ERROR: ")]
    if not errors:
        return None
    best = [at for at in errors if not _SAYS_LESS.search(lines[at])]
    if not best and lines[errors[-1]] == "ERROR: Exception:":
        return _last(lines)  # of the traceback
    cause = lines[(best or errors)[-1]].removeprefix("ERROR: ")
    for line in lines if cause.startswith("No matching distribution") else ():
        if "Retrying" in line and (found := _UNREACHABLE.search(line)):
            return f"{cause} (the index does not answer: {found[1]})"
    return cause


def _last(lines: Sequence[str]) -> str | None:
    telling = [line for line in lines if not _NOISE.match(line)] or [*lines]
    return telling[-1] if telling else None

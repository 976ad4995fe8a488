"""The accepted differences of a replay: a file beside the recording, which somebody has read."""

from __future__ import annotations

from pathlib import Path

from simulator.testing import HarnessError, difference, is_test_error
from streamparse.testing.replays import Replay

__tracebackhide__ = is_test_error  # pytest then shows the test's line
ACCEPTED = ".accepted.txt"  # behind the name of a recording


def accepted_path(path: Path) -> Path:
    """Return the file of the accepted differences of a recording."""
    name = path.name
    for suffix in (".zst", ".gz", ".jsonl"):
        name = name.removesuffix(suffix)
    return path.with_name(f"{name}{ACCEPTED}")


def check_accepted(replay: Replay, *, update: bool, how_to_update: str) -> None:
    """Compare the differences of a replay with the accepted ones, or accept them.

    Args:
        replay: what came of it.
        update: write the file of accepted differences; where there are none, remove it.
        how_to_update: how to ask for that, for what the error says.

    Raises:
        AssertionError: there are others.
        HarnessError: the file cannot be written.
    """
    __tracebackhide__ = True
    path, text = accepted_path(replay.path), replay.text()
    try:
        if update:
            _write(path, text)
            return
        accepted = path.read_text(encoding="utf-8") if path.is_file() else ""
    except OSError as error:
        raise HarnessError(f"{path}: {error.strerror}") from None
    if text == accepted:
        return
    if not accepted:
        raise AssertionError(f"{replay}\nif the change is right, accept it with {how_to_update}")
    if not text:
        raise AssertionError(
            f"{replay}\n{path} has accepted differences, and there are none any more; remove it with {how_to_update}"
        )
    raise AssertionError(
        f"{replay}\nnot as accepted in {path}; if the change is right, accept it with {how_to_update}:\n"
        + difference(accepted, text)
    )


def _write(path: Path, text: str) -> None:
    if text:
        path.write_text(text, encoding="utf-8", newline="\n")
    else:
        path.unlink(missing_ok=True)

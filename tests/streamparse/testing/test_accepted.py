"""The accepted differences of a replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.testing import Storm
from tests.support.recorded_lengths import NAME, Lengths, Longer, recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A recording of ``Lengths``."""
    return recording(tmp_path)


def test_accepted_differences_are_kept_beside_the_recording_and_compared(path: Path) -> None:
    accepted = path.with_name(f"{NAME}.accepted.txt")
    with Storm(path.parent, update_recordings=True) as storm:
        storm.replay(Longer, path)
    assert accepted.read_text() == (
        f"{Longer.__module__}.Longer, recorded as counts (task 4) of wordcount: "
        "1 of 2 inputs differs (- recorded, + now)\n"
        '  input 2: ["eel"] from words\n'
        '    - emit ["eel", 3]\n'
        '    + emit ["eel", 4]\n'
        "    ? count: 3, now 4\n"
        "      ack\n"
    )
    with Storm(path.parent) as storm:
        assert not storm.replay(Longer, path).is_same  # and passes
        accepted.write_text(accepted.read_text().replace("4]", "5]"))
        with pytest.raises(
            AssertionError, match=r"not as accepted in .*accepted\.txt; if the change"
        ):
            storm.replay(Longer, path)
        with pytest.raises(AssertionError, match="there are none any more; remove it with Storm"):
            storm.replay(Lengths, path)
    with Storm(path.parent, update_recordings=True) as storm:
        storm.replay(Lengths, path)
    assert not accepted.exists()

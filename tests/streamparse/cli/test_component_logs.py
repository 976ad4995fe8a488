"""The log files of components that have ended are bounded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from streamparse.cli.component_logs import remove_old_logs


def ended_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_the_oldest_of_those_that_have_ended_are_removed_and_nothing_else(tmp_path: Path) -> None:
    pid = ended_pid()
    names = [f"streamparse_word_count_a-bolt_{task}_{pid}.log" for task in range(5)]
    names.append(f"streamparse_word_count_a-bolt_9_{pid}.log.1")
    others = [
        "storm.log",
        f"streamparse_mine_{os.getpid()}.txt",
        f"streamparse_w_b_1_{os.getpid()}.log",
    ]
    for age, name in enumerate([*others, *names]):
        path = tmp_path / name
        path.write_text("")
        os.utime(path, (1000 + age, 1000 + age))
    assert remove_old_logs(tmp_path, kept=2) == 4
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*others, *names[4:]])
    assert remove_old_logs(tmp_path / "missing") == 0

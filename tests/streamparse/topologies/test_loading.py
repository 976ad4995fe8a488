"""The frames of a dump, in which the line is found that a file hangs in. The rest is looked at in test_child.py."""

from __future__ import annotations

from streamparse.topologies.loading import frames_of

DUMP = """\
Fatal Python error: Aborted

Current thread 0x00007f (most recent call first):
  File "/project/topologies/t.py", line 7 in <module>
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed

Extension modules: _json (total: 1)
"""


def test_frames_are_file_and_line() -> None:
    assert list(frames_of(DUMP)) == [
        ("/project/topologies/t.py", 7),
        ("<frozen importlib._bootstrap>", 241),
    ]
    assert list(frames_of("")) == []

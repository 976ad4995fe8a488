"""The line that tells most about what failed on a worker; the outputs are pip's own."""

from __future__ import annotations

import pytest

from streamparse.cluster.causes import find_cause

BUILD = """\
Collecting broken==1
  Getting requirements to build wheel: finished with status 'error'
  error: subprocess-exited-with-error

  × Getting requirements to build wheel did not run successfully.
  │ exit code: 1
  ╰─> [5 lines of output]
      Traceback (most recent call last):
        File "<string>", line 2, in <module>
      RuntimeError: libfoo is not on this machine
      hint: install libfoo
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
error: subprocess-exited-with-error
note: This error originates from a subprocess, and is likely not a problem with pip.
hint: See above for details.
"""

WHEEL = """\
Collecting fine
Collecting words
  error: subprocess-exited-with-error
  × Building wheel for words (pyproject.toml) did not run successfully.
  │ exit code: 1
  ╰─> [2 lines of output]
      words.c:1:10: fatal error: Python.h: No such file or directory
      error: command '/usr/bin/gcc' failed with exit code 1
      [end of output]
  note: This error originates from a subprocess, and is likely not a problem with pip.
  ERROR: Failed building wheel for words
Failed to build words
ERROR: Failed to build installable wheels for some pyproject.toml based projects (words)
"""

CONFLICT = """\
ERROR: Cannot install streamparse 2.2.0 (from /x.whl) and streamparse>=3 because these package versions have \
conflicting dependencies.

The conflict is caused by:
    The user requested streamparse 2.2.0
    The user requested streamparse>=3

ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/
"""

NO_INDEX = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': Failed \
to establish a new connection: [Errno 111] Connection refused
ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)
ERROR: No matching distribution found for nosuch
"""

CRASH = """\
ERROR: Exception:
Traceback (most recent call last):
  File "/x/base_command.py", line 1, in _inner_run
    raise
TypeError: unhashable type: 'list'
"""


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (BUILD, "broken==1 cannot be built: RuntimeError: libfoo is not on this machine"),
        (WHEEL, "words cannot be built: error: command '/usr/bin/gcc' failed with exit code 1"),
        (CONFLICT, "Cannot install streamparse 2.2.0 (from /x.whl) and streamparse>=3 because these package "
         "versions have conflicting dependencies."),
        (NO_INDEX, "No matching distribution found for nosuch (the index does not answer: Connection refused)"),
        (CRASH, "TypeError: unhashable type: 'list'"),
        ("OSError: [Errno 28] No space left on device\nmore\n", "No space left on device"),
        ("sh: 1: virtualenv: not found\n", "sh: 1: virtualenv: not found"),
        ("what it said\nnote: nothing to see\n", "what it said"),
        ("hint: only this\n", "hint: only this"),
        ("\n\n", "exit status 7"),
    ],
)  # fmt: skip
def test_the_cause_is_told_and_not_what_pip_says_around_it(output: str, cause: str) -> None:
    assert find_cause(output, 7) == cause

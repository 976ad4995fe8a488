"""A component can know the time where something that it imports could tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project import may_read_clock

BOLT = "from streamparse import Bolt\n\n\nclass B(Bolt):\n    def process(self, tup):\n        {}\n"


@pytest.mark.parametrize(
    ("files", "may"),
    [
        ({"bolts.py": BOLT.format("self.emit([1])")}, False),
        (
            {"bolts.py": "import json, re\nfrom collections import Counter\n" + BOLT.format("")},
            False,
        ),
        ({"bolts.py": "import time\n" + BOLT.format("pass")}, True),
        ({"bolts.py": "from datetime import datetime\n" + BOLT.format("pass")}, True),
        ({"bolts.py": BOLT.format("import time")}, True),
        ({"bolts.py": BOLT.format("__import__('time')")}, True),
        ({"bolts.py": "import requests\n" + BOLT.format("pass")}, True),
        ({"bolts.py": "import own.more\n" + BOLT.format("pass"), "own/more.py": "x = 1"}, False),
        (
            {
                "bolts.py": "from own import more\n" + BOLT.format("pass"),
                "own/more.py": "import uuid",
            },
            True,
        ),
        (
            {
                "bolts.py": "import own.more\n" + BOLT.format("pass"),
                "own/__init__.py": "import time",
                "own/more.py": "",
            },
            True,
        ),
        ({"bolts.py": "from . import more\n" + BOLT.format("pass")}, True),
        ({"bolts.py": "import bolts\n" + BOLT.format("pass")}, False),
        ({}, True),
    ],
)
def test_what_can_know_the_time(files: dict[str, str], may: bool, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.replace("        \n", "        pass\n"))
    assert may_read_clock("bolts.B", tmp_path) is may

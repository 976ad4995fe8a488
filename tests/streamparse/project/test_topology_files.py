"""Which files of a directory are topologies."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project import ProjectError
from streamparse.project.topology_files import TopologyFiles, has_topology

BODY = "    words = Words.spec()\n"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (f"from streamparse import Topology\nclass A(Topology):\n{BODY}", True),
        (f"from streamparse import Topology as T\nclass A(T):\n{BODY}", True),
        (f"import streamparse\nclass A(streamparse.Topology):\n{BODY}", True),
        (f"from streamparse import *\nclass A(Topology):\n{BODY}", True),
        (f"from base import Base\nclass A(Base):\n{BODY}", True),
        (f"from common.base import Ours\nclass A(Ours):\n{BODY}", True),
        ("from common.base import Ours\nclass A(Ours):\n    def f(self):\n        Words.spec()\n", False),
        (f"from words import Ours\nclass A(Ours):\n{BODY}", False),
        (f"try:\n    from streamparse import Topology\nexcept ImportError: pass\nclass A(Topology):\n{BODY}", True),
        ("from streamparse import Topology\nclass A(Topology):\n    locals()['a'] = 1\n", True),
        ("from streamparse import Topology\nclass A(Topology):\n    config = {}\n", False),
        ("from streamparse import Topology\nx = Topology.spec\n", False),
        ("from words import Words\nclass A(Words):\n    spec = 3\n", False),
        ("class A(A):\n    x = y.spec()\n", False),
        ("", False),
        ("class Topology(: spec", True),
        ("class Other(: spec", False),
    ],
)  # fmt: skip
def test_a_file_counts_if_a_class_in_it_is_a_topology_with_components(
    text: str, is_one: bool, tmp_path: Path
) -> None:
    (tmp_path / "base.py").write_text(
        "from streamparse import Topology\nclass Base(Topology):\n    config = {}\n",
        encoding="utf-8",
    )
    (tmp_path / "words.py").write_text("class Ours:\n    pass\n", encoding="utf-8")
    path = tmp_path / "t.py"
    path.write_text(text, encoding="utf-8")
    assert has_topology(path) is is_one


def test_a_name_that_two_files_have_is_refused(tmp_path: Path) -> None:
    for name in ("b.clj", "a.py", "a.clj", ".#a.clj", "note.txt", "helper.py"):
        text = f"from streamparse import Topology\nclass A(Topology):\n{BODY}"
        (tmp_path / name).write_text("" if name == "helper.py" else text, encoding="utf-8")
    found = TopologyFiles(tmp_path)
    assert (list(found.by_name), found.without) == (["a", "b"], [tmp_path / "helper.py"])
    assert found.only("b") == tmp_path / "b.clj"
    with pytest.raises(ProjectError) as caught:
        found.only("a")
    assert str(caught.value) == (
        f"{tmp_path}/a.clj and {tmp_path}/a.py: both are the topology a; keep one, or rename the other"
    )


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert has_topology(tmp_path / "t.py") is False

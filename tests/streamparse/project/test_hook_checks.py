"""The files of hooks, read from their text: which hooks they have, and what keeps them from being loaded."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from streamparse.project import read_hook_files

HOOK = "def pre_submit(topology_name, env_name, env_config):\n    pass\n"


def read(directory: Path, text: str) -> tuple[set[str], list[str]]:
    """The hooks of a tasks.py, and its findings without the directory."""
    (directory / "tasks.py").write_text(text, encoding="utf-8")
    (file,) = read_hook_files(directory)
    return {*file.hooks}, [
        f"{each.severity} {each}".replace(f"{directory}/", "") for each in file.findings
    ]


MISTAKES = {
    'print "x"\n': "error tasks.py:1: 'print \"x\"': this is Python 2 syntax; in Python 3: print(...) is a function",
    "x = (1,\n": "error tasks.py:1: 'x = (1,': '(' was never closed",
    "from fabric.api import run\n": (
        "error tasks.py:1: fabric.api is of fabric 1; in fabric 2 and later: from fabric import Connection, task"
    ),
    "import fabric.contrib.files\n": (
        "error tasks.py:1: fabric.contrib is of fabric 1; in fabric 2 and later: from fabric import Connection, task"
    ),
    "from fabric import api, colors\n": None,
    "from invoke import ctask as task\n": (
        "error tasks.py:1: invoke has no ctask any more; write task: the first parameter is the context"
    ),
    "import urllib2\n": "error tasks.py:1: urllib2 is a module of Python 2; in Python 3: urllib.request",
    "import nowhere.at_all\n": (
        "warning tasks.py:1: there is no module nowhere; install it beside sparse, or do without nowhere"
    ),
    "from invoke import task\n@task\ndef deploy():\n    pass\n": (
        "error tasks.py:3: def deploy(): a task has a context as its first parameter, since invoke 1 and fabric 2; "
        "write def deploy(c)"
    ),
    "def pre_submit(topology_name, env_name, /):\n    pass\n": (
        "error tasks.py:1: pre_submit(topology_name, env_name, /) cannot be called: too many positional arguments; "
        "expected pre_submit(topology_name, env_name, env_config)"
    ),
    "def post_submit(a, b, c, d, *, e):\n    pass\n": (
        "error tasks.py:1: post_submit(a, b, c, d, *, e) cannot be called: missing a required argument: 'd'; "
        "expected post_submit(topology_name, env_name, env_config)"
    ),
    "import fabric\n@fabric.task(hosts=['a'])\ndef deploy(where='a'):\n    pass\n": (
        "warning tasks.py:3: def deploy(where='a'): the parameter where of this task is given the context, since "
        "invoke 1 and fabric 2; write def deploy(c, where='a')"
    ),
}


def test_imports_are_looked_at_in_a_file_that_is_no_python_too(tmp_path: Path) -> None:
    _, found = read(tmp_path, "import os\nfrom fabric.api import run\nprint 'x'\nimport Queue\n")
    assert [each.partition(";")[0] for each in found] == [
        "error tasks.py:2: fabric.api is of fabric 1",
        "error tasks.py:3: \"print 'x'\": this is Python 2 syntax",
        "error tasks.py:4: Queue is a module of Python 2",
    ]


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_remedy(text: str, tmp_path: Path) -> None:
    _, found = read(tmp_path, text)
    expected = MISTAKES[text]
    if expected is None:
        remedy = "; in fabric 2 and later: from fabric import Connection, task"
        assert found == [
            f"error tasks.py:1: fabric.{name} is of fabric 1{remedy}" for name in ("api", "colors")
        ]
    else:
        assert found == [expected]


@pytest.mark.parametrize(
    "text",
    [
        HOOK,
        f"from invoke import task\n@task\n{HOOK}",
        "from invoke import task\n@task\ndef pre_submit(c, topology_name, env_name, env_config):\n    pass\n",
        "def pre_submit(*given, options=None):\n    pass\n",
        "def pre_submit(a, b, c, d=1, *, options, **more):\n    pass\n",
        "import functools\n@functools.cache\ndef pre_submit():\n    pass\n",
        "import beside, os.path, __main__\npre_submit = beside.pre_submit\n",
        "from beside import pre_submit\n",
        "from beside import *\n",
        "try:\n    from fabric.api import run\nexcept ImportError:\n    run = None\npre_submit = print\n",
        f"def deploy():\n    from fabric.api import run\n{HOOK}",
    ],
)
def test_what_can_be_loaded_has_no_finding(text: str, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text(HOOK)
    hooks, found = read(tmp_path, text)
    assert ("pre_submit" in hooks, found) == (True, [])


def test_the_files_of_a_project_are_read_in_the_order_of_their_hooks(tmp_path: Path) -> None:
    assert read_hook_files(tmp_path) == []
    (tmp_path / "fabfile.py").write_text("from streamparse.ext.fabric import *\n")
    (tmp_path / "tasks.py").write_text(HOOK.replace("pre_", "post_"))
    assert [(each.name, {*each.hooks}) for each in read_hook_files(tmp_path)] == [
        ("tasks.py", {"post_submit"}),
        ("fabfile.py", set()),
    ]


def test_what_the_tasks_of_streamparse_need_is_looked_for_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    for name in [name for name in sys.modules if name.partition(".")[0] == "invoke"]:
        monkeypatch.delitem(sys.modules, name)
    _, found = read(tmp_path, "from streamparse.ext.fabric import *\n")
    assert found == [
        "warning tasks.py:1: there is no module invoke; install it beside sparse, or do without invoke"
    ]


def test_a_module_beside_the_hooks_may_have_a_name_of_python_2(tmp_path: Path) -> None:
    (tmp_path / "commands.py").touch()
    assert read(tmp_path, "import commands\n") == (set(), [])

"""The file of a topology is run apart: whatever it does, one line says it, with the place."""

# ruff: noqa: E501 (messages as they are)

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.model import Grouping, Stream, TopologyError
from streamparse.topologies.child import load
from tests.support.class_topologies import HEAD, class_text, project_of, read

BODY = "words = Words.spec()"
TEXT = class_text(BODY)
RUN = "a topology's file is run to be read"
LONG = 3600.0  # seconds; no file here takes a part of it


def found(directory: Path, first: str, seconds: float = LONG) -> str:
    """What is said of a file that begins with a statement."""
    project = project_of(directory, {"t.py": f"{first}\n{TEXT}"})
    path = directory / "topologies/t.py"
    with pytest.raises(TopologyError) as caught:
        load(path, project=project.directory, sources=project.source_dir, seconds=seconds)
    return str(caught.value).replace(str(path), "t.py")


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ("import sys; sys.exit(3)", f"t.py:1: ends the process: sys.exit(3); {RUN}, and must not end"),
        ("raise SystemExit", f"t.py:1: ends the process: sys.exit(); {RUN}, and must not end"),
        ("import os; os._exit(0)", f"t.py: its process has ended with status 0; {RUN}, and must not end"),
        (
            "import os; os.kill(os.getpid(), 11)",
            f"t.py:1: its process has ended by SIGSEGV; {RUN}, and must not end",
        ),
        (
            "import no_such_package",
            "t.py:1: imports no_such_package, and there is no such module; install it beside sparse, or put it into src/",
        ),
        ("import Queue", "t.py:1: Queue is a module of Python 2; in Python 3: queue"),
        (
            "import pystorm.bolt",
            't.py:1: imports pystorm, and there is no such module; "aliases": {"pystorm": "streamparse"} in config.json '
            "takes streamparse for it",
        ),
        (
            "from streamparse import Blot",
            "t.py:1: cannot import name 'Blot' from 'streamparse' (did you mean \"Bolt\"?); "
            "expected a name that streamparse has",
        ),
        (
            "from json import qqqq",
            "t.py:1: cannot import name 'qqqq' from 'json'; expected a name that json has",
        ),
        (
            "from streamparse import Grouping\nGrouping.shufle",
            "t.py:2: AttributeError: type object 'Grouping' has no attribute 'shufle' (did you mean \"SHUFFLE\"?); "
            f"{RUN}",
        ),
        (
            "class Odd:\n    def __dir__(self):\n        raise ValueError\nOdd().name",
            f"t.py:4: AttributeError: 'Odd' object has no attribute 'name'; {RUN}",
        ),
        ("raise ImportError('no driver')", f"t.py:1: ImportError: no driver; {RUN}"),
        ("1 / 0", f"t.py:1: ZeroDivisionError: division by zero; {RUN}"),
        ("x = (", "t.py:1: 'x = (': '(' was never closed"),
        ("input()", f"t.py:1: EOFError: EOF when reading a line; {RUN}"),
        ("raise KeyError", f"t.py:1: KeyError; {RUN}"),
        (
            "words = 1\nwrods",
            't.py:2: the name wrods is not defined (did you mean "words"?); expected a name that is defined above',
        ),
        (
            "class W:\n    words = [count_bolt]\n    count_bolt = 1",
            "t.py:2: the name count_bolt is not defined; a component that is defined below is taken by its id: "
            'GlobalStreamId("count_bolt", "default")',
        ),
        ("[count_bolt]", "t.py:1: the name count_bolt is not defined; expected a name that is defined above"),
        (
            "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd",
            f"t.py:4: Odd; {RUN}",
        ),
        (
            "import sys; sys.exit(object())",
            f"t.py:1: ends the process: sys.exit(an object); {RUN}, and must not end",
        ),
        (
            "from . import other",
            "t.py:1: attempted relative import with no known parent package; names begin below topologies/ or src/: "
            "from helpers import ...",
        ),
        ("x = '\0'", "t.py:1: a null byte; save the file as UTF-8 text"),
        (
            "# coding: nope",
            "t.py:1: there is no encoding 'nope'; expected one that Python knows, such as utf-8",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_run_is_one_line(first: str, line: str, tmp_path: Path) -> None:
    assert found(tmp_path, first) == line


def test_modules_that_import_each_other_are_told(tmp_path: Path) -> None:
    (tmp_path / "topologies").mkdir()
    (tmp_path / "topologies/one.py").write_text("import two\nname = 1\n")
    (tmp_path / "topologies/two.py").write_text("from one import name\n")
    assert found(tmp_path, "import one") == (
        f"{tmp_path}/topologies/two.py:1: cannot import name 'name' from partially initialized module 'one'; "
        "one imports what imports it again: import the module instead, or move the name into a third"
    )


def test_a_file_that_is_not_utf_8_is_told_with_the_byte(tmp_path: Path) -> None:
    project = project_of(tmp_path, {})
    path = tmp_path / "topologies/t.py"
    path.write_bytes(f"{TEXT}\nname = 'caf\xe9'\n".encode("latin-1"))
    with pytest.raises(TopologyError) as caught:
        read(project)
    number = TEXT.count("\n") + 2
    assert str(caught.value) == (
        f"{path}:{number}: the byte 0xe9 is no utf-8; save the file as UTF-8, or name its encoding in line 1: "
        "# -*- coding: latin-1 -*-"
    )


@pytest.mark.parametrize(
    "first",
    [
        "import sys\nsys.modules.clear()\nsys.path.clear()",
        "import pickle\npickle.dumps = None",
        "import sys\nclass Lazy:\n    def __getattr__(self, name):\n        raise RuntimeError\n"
        "sys.modules['lazy'] = Lazy()",
    ],
)
def test_what_a_file_does_to_python_does_not_keep_it_from_being_read(
    first: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    head, _, last = TEXT.partition("\nclass T(")
    project = project_of(tmp_path, {"t.py": f"{head}\n\nclass T({last}\n{first}\n"})
    assert list(read(project).components) == ["words"]
    assert capfd.readouterr().err == ""


def test_members_of_an_enum_are_the_values_that_they_stand_for(tmp_path: Path) -> None:
    body = """
class Name(str, Enum):
    WORDS, FIELD, STREAM, KEY = "words-1", "field", "stream", "key"
class Number(IntEnum):
    TWO = 2

first = Words.spec(name=Name.WORDS, par=Number.TWO, config={Name.KEY: Name.FIELD}, outputs=[Stream([Name.FIELD], Name.STREAM)])
second = Count.spec(par={Name.KEY: Number.TWO}, inputs={first[Name.STREAM]: Grouping.fields(Name.FIELD)})
third = Count.spec(inputs={GlobalStreamId(Name.WORDS, Name.STREAM): Grouping.custom_object(Name.KEY, [Number.TWO])})
"""
    text = class_text(body).replace(
        "from components", "from enum import Enum, IntEnum\nfrom components"
    )
    topology = read(project_of(tmp_path, {"t.py": text}, envs={"key": {}}))
    first, second, third = topology.components.values()
    assert (first.id, first.parallelism, dict(first.conf)) == ("words-1", 2, {"key": "field"})
    assert first.outputs == {"stream": Stream(("field",))}
    assert (second.parallelism, second.inputs) == (
        2,
        {("words-1", "stream"): Grouping("fields", ("field",))},
    )
    assert third.inputs == {("words-1", "stream"): Grouping("custom", (), "key", (2,))}


def test_the_place_is_the_users_line_however_deep_the_error_is(tmp_path: Path) -> None:
    project_of(tmp_path, {})
    (tmp_path / "src/broken.py").write_text("import json\njson.loads('{')\n", encoding="utf-8")
    line = found(tmp_path, "import broken").replace(f"{tmp_path}/", "")
    assert line.startswith("src/broken.py:2: JSONDecodeError: Expecting property name")


def test_a_file_that_does_not_end_is_ended_at_the_limit(tmp_path: Path) -> None:
    line = found(tmp_path, "\n\nwhile True: pass", seconds=0.1)
    end = "still runs after 0.1 s, the limit for reading a topology; expected a file that only declares; "
    assert line.endswith(f"{end}STREAMPARSE_READ_SECONDS sets another limit, in seconds")


@pytest.mark.parametrize("limit", ["x", "-1", "0", "nan", "inf", "60s"])
def test_a_limit_that_is_no_number_of_seconds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setenv("STREAMPARSE_READ_SECONDS", limit)
    project = project_of(tmp_path, {"t.py": TEXT})
    path = tmp_path / "topologies/t.py"
    with pytest.raises(TopologyError) as caught:
        load(path, project=project.directory, sources=project.source_dir)
    said = (
        f"{path}: STREAMPARSE_READ_SECONDS is {limit!r}; expected a number of seconds, such as 120"
    )
    assert str(caught.value) == said


def test_a_file_that_closes_everything_and_goes_on_is_ended_at_the_limit(tmp_path: Path) -> None:
    line = found(tmp_path, "import os\nos.closerange(0, 100)\nwhile True: pass", seconds=0.1)
    assert "still runs after 0.1 s, the limit for reading a topology" in line


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the end of a process")
def test_what_a_file_forks_neither_holds_the_read_nor_outlives_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    first = (
        "import os, time\n"
        "if not os.fork():\n"
        f"    open({str(note)!r}, 'w').write(str(os.getpid()))\n"
        "    while True: time.sleep(3600)\n"
        f"while not os.path.exists({str(note)!r}) or not open({str(note)!r}).read(): time.sleep(0.01)"
    )
    project = project_of(tmp_path, {"t.py": f"{first}\n{TEXT}"})
    assert list(read(project).components) == ["words"]
    _wait_for_end(int(note.read_text(encoding="ascii")))


def _daemon(note: Path) -> str:
    """The text of a file that starts a daemon: a process of another session, whose parent has ended."""
    return (
        "import os, time\n"
        "if not os.fork():\n"
        "    os.setsid()\n"
        "    if not os.fork():\n"
        f"        open({str(note)!r}, 'w').write(str(os.getpid()) + ' ')\n"
        "        while True: time.sleep(3600)\n"
        "    os._exit(0)\n"
        f"while not os.path.exists({str(note)!r}) or not open({str(note)!r}).read(): time.sleep(0.01)"
    )


def _wait_for_end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it is gone already
        ended = os.pidfd_open(pid)
        select.select([ended], [], [])
        os.close(ended)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the end of a process")
def test_a_daemon_that_a_file_starts_ends_with_the_read(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    project = project_of(tmp_path, {"t.py": f"{_daemon(note)}\n{TEXT}"})
    assert list(read(project).components) == ["words"]
    _wait_for_end(int(note.read_text(encoding="ascii")))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the end of a process")
def test_a_daemon_of_a_file_that_does_not_end_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    line = found(tmp_path, f"{_daemon(note)}\nwhile True: pass", seconds=2.0)
    assert "still runs after 2 s, the limit for reading a topology" in line
    if note.exists():  # else the file had not come as far
        _wait_for_end(int(note.read_text(encoding="ascii")))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the end of a process")
def test_the_child_dies_with_a_reader_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    text = f"import os\nopen({str(note)!r}, 'w').write(str(os.getpid()))\nprint('here', flush=True)\nwhile True: pass"
    project = project_of(tmp_path, {"t.py": f"{text}\n{TEXT}"})
    code = (
        "import sys; from pathlib import Path; from streamparse.topologies.child import load; "
        "load(Path(sys.argv[1]), project=Path(sys.argv[2]), sources=Path(sys.argv[3]), seconds=3600)"
    )
    argv = [str(tmp_path / "topologies/t.py"), str(project.directory), str(project.source_dir)]
    with subprocess.Popen([sys.executable, "-c", code, *argv], stderr=subprocess.PIPE) as reader:
        assert reader.stderr is not None
        assert reader.stderr.readline() == b"here\n"
        reader.kill()
    _wait_for_end(int(note.read_text(encoding="ascii")))


def test_a_process_that_forks_and_goes_on_is_read_once(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"t.py": f"import os; os.fork()\n{TEXT}"})
    assert list(read(project).components) == ["words"]


def test_what_a_file_prints_goes_to_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = project_of(tmp_path, {"t.py": f"print('hello')\n{TEXT}"})
    assert list(read(project).components) == ["words"]
    assert capfd.readouterr() == ("", "hello\n")


def test_a_file_is_run_again_only_when_it_or_what_it_imports_has_changed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = f"print('run')\n{HEAD}import helper\n{TEXT}"
    project = project_of(tmp_path, {"t.py": text, "helper.py": ""})
    for _ in range(3):
        read(project)
    (tmp_path / "topologies/helper.py").write_text("# changed\n", encoding="utf-8")
    read(project)
    assert capfd.readouterr().err == "run\nrun\n"


def test_reading_leaves_nothing_in_the_project(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"t.py": f"import helper\n{TEXT}", "helper.py": ""})
    before = sorted(tmp_path.rglob("*"))
    read(project)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    project = project_of(tmp_path, {})
    path = tmp_path / "topologies/t.py"
    with pytest.raises(TopologyError) as caught:
        load(path, project=tmp_path, sources=project.source_dir)
    assert str(caught.value) == f"{path}: cannot be read: no such file; expected a file NAME.py"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            HEAD,
            "no class in it derives from Topology; expected class WordCount(Topology): ... in this file",
        ),
        (
            "from other import T\n",
            "T is imported from other, and no class of this file is a topology; expected class WordCount(Topology): ... "
            "in this file",
        ),
        (
            f"{TEXT}\n\nclass Other(Topology):\n    {BODY}\n",
            "2 topologies in one file: T, Other; give each a file of its own",
        ),
    ],
)
def test_the_class_is_the_one_that_the_file_defines(text: str, line: str, tmp_path: Path) -> None:
    project = project_of(tmp_path, {"t.py": text, "other.py": TEXT})
    with pytest.raises(TopologyError) as caught:
        read(project)
    assert str(caught.value) == f"{tmp_path}/topologies/t.py: {line}"


def test_a_base_without_components_beside_the_topology_is_none(tmp_path: Path) -> None:
    text = f"{HEAD}\nclass Base(Topology):\n    pass\n\n\nclass T(Base):\n    {BODY}\n"
    assert list(read(project_of(tmp_path, {"t.py": text})).components) == ["words"]


def test_a_topology_may_have_the_name_of_a_module_that_it_imports(tmp_path: Path) -> None:
    text = TEXT.replace("from components", "import json\nfrom components")
    project = project_of(tmp_path, {"components.py": text, "json.py": text, "v1.2.py": text})
    names = ("components.py", "json.py", "v1.2.py")
    found = [read(project, name).components["words"].python_class for name in names[:2]]
    assert found == ["components.Words"] * 2
    with pytest.raises(TopologyError, match=r'"v1.2" cannot be the name of a topology'):
        read(project, "v1.2.py")

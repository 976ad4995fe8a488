"""A new project: all of it or nothing, and it works; docs/quickstart.md is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.clj.file import read_topology
from simulator.model.topology import Component, Grouping, Stream
from streamparse.project import Environment, LogSettings, Project, ProjectError, UsageError
from streamparse.quickstart import write_project
from streamparse.topologies import read_topology as read_class
from tests.support import plugged
from tests.support.paths import ROOT
from tests.support.sparse import QUICKSTART_SCREEN

REPOSITORY = ROOT


def sparse(*arguments: str, cwd: Path, path: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with the packages of a directory."""
    environment = {**os.environ, "PYTHONPATH": str(path), "COLUMNS": "80"}
    argv = [sys.executable, "-m", "streamparse.cli.sparse", *arguments]
    return subprocess.run(
        argv, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def tree(directory: Path) -> dict[str, bytes | None]:
    """All files below with their bytes, and directories with nothing."""
    return {
        str(path.relative_to(directory)): path.read_bytes() if path.is_file() else None
        for path in sorted(directory.rglob("*"))
    }


def test_no_placeholder_of_the_template_is_left(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    written = {name: text for name, text in tree(tmp_path / "demo").items() if text}
    assert [name for name, text in written.items() if b"{{" in text] == []
    assert written["project.clj"].startswith(b"(defproject demo ")


def test_the_project_is_read_without_a_warning(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    project = Project(tmp_path / "demo")
    log = LogSettings(max_bytes=1000000, backup_count=10, level="info")
    assert (
        project.warnings,
        project.environment(),
        project.storm_version(),
        project.topology_path(),
    ) == (
        (),
        Environment("prod", log=log),
        "2.8.3",
        tmp_path / "demo/topologies/wordcount.clj",
    )


def test_the_topology_groups_words_so_that_two_counters_count_right(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    topology = read_topology(Project(tmp_path / "demo").topology_path(), {})
    python = ("python", "-m", "streamparse.run")
    spout, bolt = "spouts.words.WordSpout", "bolts.wordcount.WordCounter"
    assert (topology.warnings, topology.components) == (
        (),
        {
            "word-spout": Component(
                "word-spout",
                "spout",
                command=(*python, spout),
                python_class=spout,
                outputs={"default": Stream(("word",))},
            ),
            "count-bolt": Component(
                "count-bolt",
                "bolt",
                command=(*python, bolt),
                python_class=bolt,
                inputs={("word-spout", "default"): Grouping("fields", ("word",))},
                outputs={"default": Stream(("word", "count"))},
                parallelism=2,
            ),
        },
    )


def test_a_project_in_python_has_the_same_topology(tmp_path: Path) -> None:
    written = write_project("demo", tmp_path), write_project("other", tmp_path, in_python=True)
    project = Project(tmp_path / "other")
    path = project.topology_path()
    one = read_topology(Project(tmp_path / "demo").topology_path(), {})
    other = read_class(path, {}, project=project)
    assert one.components == other.components
    assert (path.name, other.warnings) == ("wordcount.py", ())
    assert [
        name.replace("other", "demo").replace("wordcount.py", "wordcount.clj")
        for name in written[1]
    ] == [name.replace("wordcount.py", "wordcount.clj") for name in written[0]]
    assert b"topologies/wordcount.py" in (tmp_path / "other/README.md").read_bytes()


@pytest.mark.slow
def test_the_tests_of_a_project_in_python_pass_in_both_modes(tmp_path: Path) -> None:
    write_project("demo", tmp_path, in_python=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--storm-mode=both"],
        cwd=tmp_path / "demo",
        env=plugged.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_new_project_runs_and_every_tuple_is_acked(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    done = sparse("simulate", "--json", "--time", "0.5", cwd=tmp_path / "demo")
    report = json.loads(done.stdout)
    spout, bolt = report["components"]["word-spout"], report["components"]["count-bolt"]
    assert (done.returncode, report["errors"], report["warnings"], spout["failed"]) == (
        0,
        [],
        [],
        0,
    )
    assert 0 < bolt["executed"] == bolt["acked"] == bolt["emitted"]["default"]
    assert spout["acked"] > 0


@pytest.mark.slow
def test_the_tests_of_a_new_project_pass_in_both_modes(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--storm-mode=both"],
        cwd=tmp_path / "demo",
        env=plugged.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1].split(" in ")[0]) == (0, "8 passed"), (
        done.stdout
    )


@pytest.mark.parametrize("kind", ["directory", "file", "dangling link"])
def test_what_exists_is_left_alone(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "demo"
    if kind == "directory":
        target.mkdir()
        (target / "precious").write_text("mine")
    elif kind == "file":
        target.write_text("mine")
    else:
        target.symlink_to("nowhere")
    before = tree(tmp_path)
    with pytest.raises(ProjectError) as caught:
        write_project("demo", tmp_path)
    assert str(caught.value) == f"{target}: already exists, and was left alone; take another name"
    assert tree(tmp_path) == before


RULE = "a name is a letter, then letters, digits, - and _"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", f"{RULE}; expected a name such as wordcount"),
        ("-x", f"{RULE}; expected a name such as x"),
        (".hidden", f"{RULE}; expected a name such as hidden"),
        ("1st", f"{RULE}; expected a name such as project-1st"),
        ("my project", f"{RULE}; expected a name such as my-project"),
        ("été", f"{RULE}; expected a name such as ete"),
        ("日本", f"{RULE}; expected a name such as wordcount"),
        ("a.b", f"{RULE}; expected a name such as a-b"),
        ("demo\n", f"{RULE}; expected a name such as demo"),
        ("demo/", f"{RULE}; expected a name such as demo"),
        ("../demo", f"{RULE}; expected a name such as demo, typed in the directory of the new one"),
        (
            "C:\\demo",
            f"{RULE}; expected a name such as demo, typed in the directory of the new one",
        ),
        ("nil", "it is a value in Clojure; expected a name such as project-nil"),
        ("a" * 101, f"a name has at most 100 characters; expected a name such as {'a' * 100}"),
    ],
)
def test_a_name_that_is_not_good_is_refused_with_one_that_is(
    name: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a project") as caught:
        write_project(name, tmp_path)
    assert str(caught.value).partition("project: ")[2] == reason
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("name", ["wordcount", "a", "A-b_2", "a" * 100])
def test_a_name_of_letters_digits_and_dashes_is_taken(name: str, tmp_path: Path) -> None:
    assert write_project(name, tmp_path)[0] == name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_when_the_disk_is_full_nothing_half_made_is_left(tmp_path: Path) -> None:
    # A limit on the size of files does what a full disk does: some files are written, then one is not.
    code = (
        "import resource, sys; from streamparse.cli.sparse import main;"
        "from streamparse.cli import quickstart;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600));"
        "sys.exit(main(['quickstart', 'demo']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr, tree(tmp_path)) == (
        2,
        "",
        "error: demo: cannot be made: File too large\n",
        {},
    )


def test_a_parent_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        write_project("demo", tmp_path / "nowhere")
    assert (
        str(caught.value) == f"{tmp_path}/nowhere/demo: cannot be made: No such file or directory"
    )


@pytest.mark.slow
def test_what_is_installed_makes_the_same_project_as_the_repository(tmp_path: Path) -> None:
    source, installed, places = tmp_path / "source", tmp_path / "installed", tmp_path / "places"
    source.mkdir()
    for name in ("setup.py", "pyproject.toml", "MANIFEST.in"):
        shutil.copy(REPOSITORY / name, source)
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in ("streamparse", "simulator", "jvm"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=ignored)
    (source / "README.md").write_text("only its presence matters here\n")
    # What goes into a wheel, without the packages that pack one.
    build = [sys.executable, "setup.py", "--quiet", "build", "--build-lib", str(installed)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    made = []
    for packages in (installed, REPOSITORY):
        place = places / packages.name
        place.mkdir(parents=True)
        done = sparse("quickstart", "demo", cwd=place, path=packages)
        made.append((done.returncode, done.stdout, done.stderr, tree(place)))
    assert made[0] == made[1]
    assert made[0][:3] == (0, QUICKSTART_SCREEN, "")
    # The Clojure half is in the package, and found there.
    find = (
        "from streamparse.jvm import SOURCES; print(*sorted(p.name for p in SOURCES.rglob('*.*')))"
    )
    ours = [sys.executable, "-c", find]
    found = {
        packages: subprocess.run(
            ours,
            cwd=places,
            env={"PYTHONPATH": str(packages)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for packages in (installed, REPOSITORY)
    }
    assert found[installed] == found[REPOSITORY]
    assert "submit_topology.clj" in found[installed]


def test_the_wordcount_example_is_what_quickstart_makes(tmp_path: Path) -> None:
    write_project("wordcount", tmp_path)
    made = {
        path.relative_to(tmp_path): path.read_text()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    examples = REPOSITORY / "examples"
    assert {path: (examples / path).read_text() for path in made} == made

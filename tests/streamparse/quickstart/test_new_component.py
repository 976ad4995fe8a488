"""A new component in a project: its test passes at once, and a topology can use it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamparse.project import Project, ProjectError, UsageError
from streamparse.quickstart import ComponentKind, write_component, write_project
from tests.support.paths import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_project("demo", tmp_path)
    return Project(tmp_path / "demo")


@pytest.mark.parametrize("kind", ["bolt", "spout"])
def test_the_test_of_a_new_component_passes_and_a_linter_finds_nothing(
    kind: ComponentKind, project: Project
) -> None:
    made = write_component(project, kind, "word-filter")
    assert made.files == [f"src/{kind}s/word_filter.py", "tests/test_word_filter.py"]
    assert made.python_class == f"{kind}s.word_filter.WordFilter"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_word_filter.py"],
        cwd=project.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("name", "module", "cls"),
    [
        ("filter", "filter", "Filter"),
        ("word_filter", "word_filter", "WordFilter"),
        ("WordFilter", "word_filter", "WordFilter"),
        ("HTTPSink2", "httpsink2", "HTTPSink2"),
        ("a--b_", "a_b", "AB"),
    ],
)
def test_any_spelling_of_a_name_gives_a_module_and_a_class(
    name: str, module: str, cls: str, project: Project
) -> None:
    made = write_component(project, "bolt", name)
    assert made.python_class == f"bolts.{module}.{cls}"
    compile((project.directory / made.files[0]).read_text(), made.files[0], "exec")


@pytest.mark.parametrize("name", ["", "1st", "a b", "a.b", "../x", "class", "None", "x" * 101, "ä"])
def test_what_is_no_name_is_refused_and_nothing_is_written(name: str, project: Project) -> None:
    before = sorted(project.directory.rglob("*"))
    with pytest.raises(UsageError, match="cannot be the name of a component: expected a letter"):
        write_component(project, "bolt", name)
    assert sorted(project.directory.rglob("*")) == before


def test_a_file_that_is_there_is_left_alone(project: Project) -> None:
    test = project.directory / "tests/test_wordcount.py"
    before = test.read_text()
    with pytest.raises(ProjectError) as caught:
        write_component(project, "spout", "wordcount")
    assert str(caught.value) == (
        "tests/test_wordcount.py: already exists, and was left alone; take another name"
    )
    assert (test.read_text(), (project.directory / "src/spouts/wordcount.py").exists()) == (
        before,
        False,
    )


def test_a_project_without_packages_gets_them(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    made = write_component(Project(tmp_path), "spout", "words")
    assert made.files == ["src/spouts/__init__.py", "src/spouts/words.py", "tests/test_words.py"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tests").touch()
    with pytest.raises(ProjectError, match=r"tests/test_words.py: cannot be written: "):
        write_component(Project(tmp_path), "spout", "words")
    assert [path.name for path in tmp_path.rglob("*.py")] == []

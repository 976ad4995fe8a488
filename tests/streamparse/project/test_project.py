"""The topologies and environments of a project, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project import Project, ProjectError
from tests.support.projects import project, write


@pytest.mark.parametrize(
    ("envs", "name", "finding"),
    [
        ({}, None, 'no environment; expected one: "envs": {"prod": {...}}'),
        ({"prod": {}, "beta": {}}, None, "there are the environments prod, beta; say which with -e NAME"),
        ({"prod": {}, "beta": {}}, "prd", 'no environment "prd"; did you mean "prod"?'),
        ({"prod": {}}, "xyz", 'no environment "xyz"; there are prod'),
    ],
)  # fmt: skip
def test_an_environment_that_is_not_clear_is_refused(
    envs: dict[str, object], name: str | None, finding: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        project({"envs": envs}).environment(name)
    assert str(caught.value) == f"config.json: {finding}"


def test_the_only_topology_is_the_default_and_editors_lock_files_are_none() -> None:
    found = project(wordcount="")
    write("topologies/.#wordcount.clj", "")
    write("topologies/notes.txt", "")
    Path("topologies/old.clj").mkdir()
    assert found.topology_path() == Path("topologies/wordcount.clj")


@pytest.mark.parametrize("name", ["a.b", "a.b.clj", "topologies/a.b", "topologies/a.b.clj"])
def test_a_topology_is_named_by_its_name_or_its_path(name: str) -> None:
    found = project(**{"a.b": "", "other": ""})
    assert found.topology_path(name) == Path("topologies/a.b.clj")


def test_topologies_are_where_the_config_says(here: Path) -> None:
    write("specs/one.clj", "")
    found = project({"topology_specs": "specs"})
    assert (found.topology_path(), Project(here).topology_path()) == (
        Path("specs/one.clj"),
        here / "specs/one.clj",
    )


@pytest.mark.parametrize(
    ("topologies", "name", "finding"),
    [
        (["a", "b"], None, "there are a, b; say which with -n NAME"),
        ([], "a", "cannot be read: No such file or directory; topologies/ is the usual place"),
        (["wordcount", "other"], "wordcont", 'no topology "wordcont"; did you mean "wordcount"?'),
        (["a", "b"], "zzz", 'no topology "zzz"; there are a, b'),
        (["a", "b"], "", 'no topology ""; there are a, b'),
        (["a", "b"], "x" * 300, f'no topology "{"x" * 56}...; there are a, b'),
    ],
)
def test_a_topology_that_is_not_clear_is_refused(
    topologies: list[str], name: str | None, finding: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        project(**dict.fromkeys(topologies, "")).topology_path(name)
    assert str(caught.value) == f"topologies: {finding}"


def test_a_project_without_topologies_says_how_to_make_one() -> None:
    Path("topologies").mkdir()
    with pytest.raises(ProjectError) as caught:
        project().topology_path()
    assert str(caught.value) == "topologies: no topology here; expected a file NAME.clj or NAME.py"


def test_components_find_their_directories_from_anywhere(here: Path) -> None:
    write("demo/config.json", "{}")
    found = Project("demo")
    assert (found.source_dir, found.logs_dir) == (here / "demo/src", here / "demo/logs")


def test_sources_in_which_no_component_can_run_are_refused(here: Path) -> None:
    found = project()
    with pytest.raises(ProjectError) as missing:
        found.require_source_dir()
    Path("src").touch()
    with pytest.raises(ProjectError) as file:
        found.require_source_dir()
    expected = "expected the sources of the components here"
    assert [str(each.value) for each in (missing, file)] == [
        f"{here}/src: no such directory; {expected}",
        f"{here}/src: not a directory; {expected}",
    ]

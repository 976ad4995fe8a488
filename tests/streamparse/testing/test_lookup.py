"""Lookup: projects, topologies by name, classes, and what a component process can import."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import pytest

from simulator.model import TopologyError
from streamparse.quickstart import write_project
from streamparse.testing import HarnessError, Storm, project_directory
from streamparse.testing.lookup import (
    check_importable,
    dotted_name,
    find_project,
    find_topology,
    import_path,
    remove_path,
)
from tests.support.chain_project import Mistake, check_mistake

MISTAKES: dict[str, tuple[Mistake, str]] = {
    "no project": (
        lambda storm: storm.topology("chain"),
        "topology 'chain': there is no config.json at or above *; expected a topology's name inside a project, "
        "or the path of a .clj or .py file",
    ),
}


def test_all_mistakes_of_a_topology_file_are_shown_with_their_places(
    tmp_path: Path, storm: Storm
) -> None:
    with pytest.raises(TopologyError) as caught:
        storm.topology("mistakes.clj", spouts={"rows": []})
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        f"{tmp_path}/mistakes.clj:5:39",
        f"{tmp_path}/mistakes.clj:6:47",
    ]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_says_what_was_expected(mistake: str, storm: Storm) -> None:
    check_mistake(storm, *MISTAKES[mistake])


# -- projects


def test_the_nearest_config_json_at_or_above_is_the_project(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    demo = tmp_path / "demo"
    found = [project_directory(each) for each in (demo, demo / "src" / "bolts", tmp_path)]
    project = find_project(demo / "tests")
    assert found == [demo, demo, None]
    assert project is not None
    assert project.directory == demo
    assert find_project(tmp_path) is None


def test_a_topology_has_its_name_in_a_project_and_its_path_anywhere(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    demo = tmp_path / "demo"
    (path,) = (demo / "topologies").iterdir()
    read = [
        find_topology(
            name,
            lambda path: {"topology.python.path": "python"},
            directory=demo,
            storm_version="2.8.3",
        )
        for name in (path.stem, f"topologies/{path.name}", path)
    ]
    assert [each.name for each in read] == [path.stem] * 3


def test_a_name_that_is_not_in_the_project_is_one_line(tmp_path: Path) -> None:
    write_project("demo", tmp_path)
    with pytest.raises(HarnessError, match="no topology"):
        find_topology(
            "nothing", lambda path: {}, directory=tmp_path / "demo", storm_version="2.8.3"
        )


# -- classes and paths


class AtTheTop:
    """A class that other processes can import."""


def test_a_class_that_only_this_process_has_is_refused() -> None:
    class Inside:
        pass

    check_importable(AtTheTop)
    with pytest.raises(HarnessError, match="is defined where no other process can import it"):
        check_importable(Inside)
    assert dotted_name(AtTheTop) == f"{__name__}.AtTheTop" == dotted_name(f"{__name__}.AtTheTop")


def test_components_can_import_what_this_process_can_without_its_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), "/x/python311.zip"]
    monkeypatch.setattr(sys, "path", ["", "/mine", *library, "/x/dist-packages", "/more"])
    assert import_path("/src").split(os.pathsep) == ["/src", "/mine", "/more"]


def test_an_entry_of_the_path_is_removed_if_it_is_still_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", ["/mine", "/more"])
    remove_path("/mine")
    remove_path("/mine")
    assert sys.path == ["/more"]

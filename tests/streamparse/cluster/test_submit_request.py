"""What a submit is asked to do: the names that follow from the topology's file, and those that replace them."""

from __future__ import annotations

from pathlib import Path

from streamparse.cluster import SubmitRequest
from streamparse.project import Project
from tests.support.submit_project import SubmitProject


def test_the_name_and_the_requirements_are_those_of_the_file_unless_they_are_given(
    submit_project: SubmitProject,
) -> None:
    path = Path("topologies", "words.clj")
    plain = SubmitRequest(Project(), path, "2.8.3")
    renamed = SubmitRequest(Project(), path, "2.8.3", own_name="words-eu")
    other = SubmitRequest(Project(), path, "2.8.3", own_requirements=Path("more.txt"))
    assert [(each.name, str(each.requirements)) for each in (plain, renamed, other)] == [
        ("words", "virtualenvs/words.txt"),
        ("words-eu", "virtualenvs/words.txt"),
        ("words", "more.txt"),
    ]

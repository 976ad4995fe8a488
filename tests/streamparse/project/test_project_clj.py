"""The version of Storm in project.clj."""

from __future__ import annotations

import pytest

from streamparse.project import ProjectError
from tests.support.projects import project, write


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('(defproject x "1" :dependencies [[org.apache.storm/storm-core "0.9.5"]])', "0.9.5"),
        ('[[storm/storm "0.9.0.1"] [org.clojure/clojure "1.5.1"]]', "0.9.0.1"),
        (':jar-exclusions [#"log4j\\.properties" #"\\"[x"] [org.apache.storm/storm-client\n "2.8.3"]', "2.8.3"),
        ('; [org.apache.storm/storm-core "0.9.4"]\n[org.apache.storm/storm-core, "0.9.5" :exclusions []]', "0.9.5"),
        ('#_[x [org.apache.storm/storm-core "0.9.4"]] [org.apache.storm/storm-core "0.9.5"]', "0.9.5"),
        (':description "; no comment" [org.apache.storm/storm-core "1.2.4"]', "1.2.4"),
        ('[[org.apache.storm/storm-clojure "2.8.3"] [org.apache.storm/storm-server "2.8.3"]]', "2.8.3"),
        ('"[org.apache.storm/storm-core \\"0.9.4\\"]" \\; [org.apache.storm/storm-core "0.9.5"]', "0.9.5"),
        ("[org.apache.storm/storm-core ~version]", None),
        ('[org.apache.storm/storm-kafka "2.8.3"]', None),
    ],
)  # fmt: skip
def test_the_version_of_storm_is_the_one_that_leiningen_would_take(
    text: str, version: str | None
) -> None:
    write("project.clj", text)
    assert project().storm_version() == version


def test_without_a_project_clj_no_version_is_said() -> None:
    assert project().storm_version() is None


def test_several_versions_of_storm_are_refused_with_the_line_of_each() -> None:
    write(
        "project.clj",
        '[[org.apache.storm/storm-clojure "2.8.3"]\n [org.apache.storm/storm-client "2.6.0"]]',
    )
    with pytest.raises(ProjectError) as caught:
        project().storm_version()
    assert str(caught.value) == (
        "project.clj: several versions of Storm (org.apache.storm/storm-clojure 2.8.3 in line 1, "
        "org.apache.storm/storm-client 2.6.0 in line 2); expected one"
    )

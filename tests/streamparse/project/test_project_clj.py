"""The version of Storm in project.clj."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project import ProjectError, names_storm_clojure, project_clj_findings
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


CORE = '[org.apache.storm/storm-core "1.2.4"'
PATHS = ':resource-paths ["_resources"]'
CLOJURE = "org.apache.storm/storm-clojure"


def holds(line: int, artifact: str = "core") -> str:
    place = f"org.apache.storm/storm-{artifact} in line {line}"
    return f"a jar would hold Storm itself ({place}), and a cluster refuses that"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"(defproject x {PATHS} :dependencies [{CORE}]])", [holds(1)]),
        (f"(defproject x {PATHS}\n :profiles {{:dev {{}}}}\n :dependencies [[a \"1\"]\n {CORE}]])", [holds(4)]),
        (f'(x {PATHS} :dependencies [[{CLOJURE} "2.8.3"] [org.apache.storm/storm-client "2.8.3"]])',
         [holds(1, "client")]),
        (f'(x {PATHS} :dependencies [[{CLOJURE} "2.8.3"]])', []),
        (f"(x {PATHS} :profiles {{:provided {{:dependencies [{CORE}]]}}}})", []),
        (f'(x {PATHS} :dependencies [{CORE} :scope "provided"]])', []),
        (f'(x {PATHS} :dependencies [{CORE}]] :uberjar-exclusions [#"META-INF" #"\\.yaml"])', []),
        (f"(x :profiles {{:provided {{:dependencies [{CORE}]]}}}})",
         ['no :resource-paths ["_resources"], so the components would not be in the jar']),
        (f'(x {PATHS} :profiles {{:provided {{:dependencies [[{CLOJURE} "2.8.3"]]}}}})',
         [f"{CLOJURE} is under :provided, and the workers of Storm 2.8.3 have none"]),
        (f'(x {PATHS} :profiles {{:provided {{:dependencies [[org.apache.storm/storm-client "2.8.3"]]}}}})',
         []),
        (f"(x {PATHS}\n :dependencies [{CORE}])", ["line 2: ) stands where the [ of line 2 ends"]),
        (f"(x {PATHS}\n :dependencies [{CORE}]}})", ["line 2: } stands where the [ of line 2 ends"]),
        (f"(x\n {PATHS}", ["line 1: ( is not closed"]),
        (f"(x {PATHS}) )", ["line 1: ) closes nothing"]),
    ],
)  # fmt: skip
def test_what_would_make_no_good_jar_is_found_with_its_line(text: str, found: list[str]) -> None:
    write("project.clj", text)
    version = "2.8.3" if "2.8.3" in text else "1.2.4"
    assert [each for each, _ in project_clj_findings(Path("project.clj"), version)] == found


def test_storm_clojure_is_named_by_a_dependency_and_by_no_comment_and_no_file() -> None:
    path = Path("project.clj")
    assert not names_storm_clojure(path)
    write("project.clj", f'; [{CLOJURE} "2.8.3"]\n[[org.apache.storm/storm-client "2.8.3"]]')
    assert not names_storm_clojure(path)
    write("project.clj", f':profiles {{:provided {{:dependencies [[{CLOJURE} "2.8.3"]]}}}}')
    assert names_storm_clojure(path)

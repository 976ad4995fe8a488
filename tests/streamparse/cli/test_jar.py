"""``sparse jar``: the path of the jar on stdout, and what goes on on stderr."""

from __future__ import annotations

import pytest

from streamparse.cli import main
from tests.support.lein_project import LeinProject


@pytest.mark.parametrize(
    ("words", "task", "said"),
    [
        ([], "uberjar", "fetching clojure-1.11.1.jar\n"),
        (
            ["-s", "-v"],
            "jar",
            "Retrieving org/clojure/clojure/1.11.1/clojure-1.11.1.jar from central\nCreated JAR\n",
        ),
    ],
)
def test_stdout_has_the_path_and_nothing_else(
    lein_project: LeinProject,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    task: str,
    said: str,
) -> None:
    jar = lein_project.jar("words-1.jar", entries=("resources/words.py",))
    fetching = "Retrieving org/clojure/clojure/1.11.1/clojure-1.11.1.jar from central"
    lein_project.answers(None, fetching, f"Created {jar}")
    monkeypatch.chdir(lein_project.project.directory)
    status = main(["jar", *words])
    out, err = capsys.readouterr()
    assert (status, out, err) == (
        0,
        f"{jar}\n",
        f"building the jar: lein {task}\n{said.replace('JAR', jar)}",
    )

"""A line of ``sparse doctor``."""

from pathlib import Path

import pytest

from streamparse.project import Diagnosis, diagnoses


def test_a_diagnosis_is_a_line_and_the_remedy_another() -> None:
    assert str(Diagnosis("ok", "java", "17")) == "ok       java: 17"
    lacking = Diagnosis("warning", "java", "there is none", "install a JDK")
    assert str(lacking) == "warning  java: there is none\n         -> install a JDK"


def test_each_problem_is_a_diagnosis_of_its_own_and_names_its_place_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file.txt").touch()
    problems = ["a file.txt:2:7: no", "a file.txt: nor this", "storm1: lost", "nothing: there"]
    assert [str(each) for each in diagnoses("error", "requirements", problems, "mend it")] == [
        "error    a file.txt:2:7: no",
        "error    a file.txt: nor this",
        "error    requirements: storm1: lost\n         -> mend it",
        "error    requirements: nothing: there\n         -> mend it",
    ]

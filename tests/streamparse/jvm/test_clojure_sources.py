"""The Clojure half, in the JVMs of all four lines, by its own tests; on Storm 2 also without storm-clojure."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from streamparse.project import Project
from tests.support.paths import ROOT
from tests.support.storm_lines import LINES, class_path, require

JVM = ROOT / "jvm"


@pytest.mark.real_storm
@pytest.mark.parametrize(
    ("version", "storm_clojure"), [*((each, True) for each in LINES), ("2.8.3", False)]
)
def test_the_clojure_tests_pass_on(version: str, storm_clojure: bool) -> None:
    require("lein", "java", "javac")
    jars = class_path(version, storm_clojure=storm_clojure)
    parts = [JVM / "src", JVM / "test", *jars]
    argv = [
        "java",
        "-cp",
        os.pathsep.join(map(str, parts)),
        "clojure.main",
        "-m",
        "streamparse.run-tests",
    ]
    ran = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["0 failures, 0 errors."]), (
        ran.stdout
    )


@pytest.mark.parametrize(
    ("text", "value"), json.loads((JVM / "test" / "options.json").read_text(encoding="utf-8"))
)
def test_python_reads_an_options_value_as_clojure_does(text: str, value: object) -> None:
    assert Project.options([f"key={text}"]) == {"key": value}

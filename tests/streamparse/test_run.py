"""``python -m streamparse.run``: the class is found, or Storm is told why there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.component_process import Talk
from tests.support.messages import tup
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("nowhere.Bolt", "No module named 'nowhere'"),
        ("broken.Bolt", "No module named 'no_such_module'"),
        ("noisy.Quiet", "has no class Quiet"),
        ("noisy.Unrelated", "noisy.Unrelated is no component"),
        ("noisy.Unready", "noisy.Unready() needs no arguments"),
        ("Noisy", "no dotted name"),
    ],
)
def test_a_class_that_cannot_be_started_reaches_storm_as_an_error(
    components: Path, name: str, finding: str
) -> None:
    messages, _, status = Talk(components, ["-m", "streamparse.run", name]).end()
    assert [message.get("command") for message in messages] == [None, "error", "sync"]
    assert finding in messages[1]["msg"]
    assert ("Traceback" in messages[1]["msg"]) == (name == "broken.Bolt")  # else it is one line
    assert status == 1


def test_a_class_is_found_under_src_from_the_top_of_a_project(components: Path) -> None:
    (components / "config.json").write_text("{}")
    (components / "src/bolts").mkdir(parents=True)
    (components / "noisy.py").rename(components / "src/bolts/noisy.py")
    messages, _, status = Talk(components, ["-m", "streamparse.run", "bolts.noisy.Noisy"]).end()
    assert ([message.get("command") for message in messages], status) == ([None, "log"], 0)


def test_a_component_may_end_itself_with_a_status_of_its_own(components: Path) -> None:
    talk = Talk(components, ["-m", "streamparse.run", "noisy.Ends"])
    talk.say(tup("1", "dog"))
    assert talk.end()[2] == 5


PROGRAM = ["-c", "from streamparse.run import main_of_3; main_of_3()"]


@pytest.mark.parametrize(
    "words", [["noisy.Ends"], ["-s", "json", "noisy.Ends"], ["-s json noisy.Ends"]]
)
def test_the_program_of_streamparse_3_is_the_same(components: Path, words: list[str]) -> None:
    talk = Talk(components, [*PROGRAM, *words])
    talk.say(tup("1", "dog"))
    assert talk.end()[2] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-s", "msgpack", "noisy.Ends"], "streamparse_run -s msgpack: expected json, which every Storm speaks"),
        ([], "usage: streamparse_run [-s json] package.module.Class"),
        (["-x"], "usage: streamparse_run [-s json] package.module.Class"),
    ],
)  # fmt: skip
def test_the_program_of_streamparse_3_refuses_what_it_cannot_run(
    components: Path, words: list[str], said: str
) -> None:
    done = subprocess.run(
        [sys.executable, *PROGRAM, *words],
        cwd=components,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{said}\n")


def test_another_name_of_the_package_is_known_to_a_component(
    components: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from pystorm.bolt import Bolt\n\nclass Quiet(Bolt):\n    def process(self, tup): pass\n"
    (components / "other.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("STREAMPARSE_ALIASES", "pystorm=streamparse")
    messages, _, status = Talk(components, ["-m", "streamparse.run", "other.Quiet"]).end()
    assert ([message.get("command") for message in messages], status) == ([None, "log"], 0)

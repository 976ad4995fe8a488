"""``python -m streamparse.run``: the class is found, or Storm is told why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.component_process import Talk
from tests.support.messages import tup


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

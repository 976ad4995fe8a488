"""The simulator against recorded conversations of real Storms, scenario by scenario and line by line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.model.profiles import NEWEST
from tests.parity import report
from tests.parity.cluster import CLUSTER
from tests.parity.conversations import read_lives
from tests.parity.record import RECORDED, compare, described, recorded, recorded_path
from tests.parity.recorder import Frames
from tests.parity.scenarios import PROJECT, SCENARIOS, Scenario
from tests.parity.simulated import simulate
from tests.parity.verdicts import judge
from tests.parity.views import VIEWS, view
from tests.support.storm_lines import VERSIONS

HERE = Path(__file__).parent
ALL = (*SCENARIOS, *CLUSTER)
HERE_AND_NOW = [each for each in SCENARIOS if each.runs_on(NEWEST) and not each.processes]
NEWEST_LINE = [*VERSIONS][-1]
EVERY = [(version, each) for version in VERSIONS for each in ALL if each.runs_on(version)]


@pytest.mark.parametrize(
    ("version", "each"),
    [pytest.param(*pair, id=f"{pair[0]}-{pair[1].name}") for pair in EVERY],
)
def test_the_simulator_does_what_storm_did(version: str, each: Scenario) -> None:
    storm = recorded(version, each)
    where = "--cluster" if each.restarts else f"--line {version}"
    assert storm is not None, (
        f"not recorded: python -m tests.parity.record {where} --only {each.name}"
    )
    verdict = judge(each, version, storm, simulate(each, version))
    assert (verdict.unexplained, verdict.stale) == ({}, [])


def test_a_difference_is_written_whole_to_a_file_that_is_named(tmp_path: Path) -> None:
    words, chain = (next(each for each in ALL if each.name == name) for name in ("words", "ids"))
    other = recorded(NEWEST_LINE, chain)
    assert other is not None
    found = [compare(NEWEST_LINE, words, other)]
    (line,) = described(found, tmp_path)
    (path,) = tmp_path.iterdir()
    text = path.read_text(encoding="utf-8")
    whole = [
        json.dumps(value, ensure_ascii=False) for pair in found[0].drift.values() for value in pair
    ]
    assert (
        line.endswith(f"; all of it is in {path}"),
        [each for each in whole if each not in text],
    ) == (
        True,
        [],
    )


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in HERE_AND_NOW])
def test_what_components_here_need_not_print_makes_no_difference(each: Scenario) -> None:
    heard, alone = (simulate(each, NEWEST, listens=listens) for listens in (True, False))
    assert (alone.trace, alone.end, alone.logged) == (heard.trace, heard.end, heard.logged)


def test_nothing_is_recorded_that_no_scenario_asks_for() -> None:
    files = set(RECORDED.rglob("*.jsonl"))
    assert files - {recorded_path(version, each) for version, each in EVERY} == set()


def test_scenarios_have_names_of_their_own_files_and_views_that_exist() -> None:
    names = [each.name for each in ALL]
    used = {name.removesuffix("~") for each in ALL for name in each.compared}
    assert sorted(set(names)) == sorted(names)
    assert used - VIEWS.keys() == set()
    assert [each.name for each in ALL if not each.path.is_file()] == []
    assert {path.stem for path in (PROJECT / "topologies").iterdir()} - {
        each.topology for each in ALL
    } == set()


def test_components_in_other_languages_are_those_of_the_example() -> None:
    # Copies: Storm 2.x would take links to them along as links, which lead nowhere.
    for name in ("split.sh", "count.js"):
        example = HERE.parent.parent / "examples" / "polyglot" / "src" / name
        assert (PROJECT / "src" / name).read_bytes() == example.read_bytes()


@pytest.mark.slow
def test_the_page_about_parity_is_what_the_scenarios_and_recordings_say() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page()


# -- the recorder --------------------------------------------------------------------------------------------------


HANDSHAKE = b'{"conf":{"topology.name":"t"},"context":{"taskid":7}}\nend\n'


def record(directory: Path, said: bytes, *command: str) -> subprocess.CompletedProcess[bytes]:
    argv = [sys.executable, "-S", "-E", str(HERE / "recorder.py"), str(directory), *command]
    return subprocess.run(argv, input=said, capture_output=True, check=False)


def notes(directory: Path) -> list[str]:
    text = (directory / "t" / "7").read_text(encoding="utf-8")
    return [line.partition(" ")[2] for line in text.splitlines()]


def test_the_recorder_passes_every_byte_on_and_leaves_idle_turns_and_heartbeats_out(
    tmp_path: Path,
) -> None:
    turn = b'{"id":"","command":"next"}\nend\n'
    beat = b'{"comp":null,"tuple":[],"task":-1,"stream":"__heartbeat","id":"5"}\nend\n'
    storm = HANDSHAKE + turn + b'{"tuple":["\xc3\xa9\\n"]}\nend\n' + beat + b"no message \xff\x00"
    ran = record(tmp_path, storm, "cat")  # says all that it hears
    assert ran.stdout == storm
    assert sorted(notes(tmp_path)) == sorted(
        [
            f"{mark} {text}"
            for mark in "<>"
            for text in (HANDSHAKE.decode()[:-5], '{"tuple":["é\\n"]}')
        ]
        + [f"< {turn.decode()[:-5]}", f"> {turn.decode()[:-5]}", f"> {beat.decode()[:-5]}"]
    )


def test_each_life_of_a_task_has_a_file_of_its_own(tmp_path: Path) -> None:
    for number in range(3):
        record(
            tmp_path, HANDSHAKE + b'{"tuple":[%d]}\nend\n' % number, "sh", "-c", "cat > /dev/null"
        )
    lives = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "t").iterdir()}
    assert {name: text.splitlines()[1].partition(" ")[2] for name, text in lives.items()} == {
        "7": '< {"tuple":[0]}',
        "7.2": '< {"tuple":[1]}',
        "7.3": '< {"tuple":[2]}',
    }


def test_a_turn_in_which_nothing_is_said_is_left_out(tmp_path: Path) -> None:
    said = r'printf "{\"pid\": 1}\nend\n{\"command\": \"sync\"}\nend\n{\"command\":\"emit\"}\nend\n"; cat > /dev/null'
    script = f"read handshake; read end; read next; read end; {said}"
    record(tmp_path, HANDSHAKE + b'{"id":"","command":"next"}\nend\n', "sh", "-c", script)
    assert notes(tmp_path)[1:] in (
        [
            '< {"id":"","command":"next"}',
            '> {"pid": 1}',
            '> {"command": "sync"}',
            '> {"command":"emit"}',
        ],
    )


def test_the_recorder_ends_as_its_command_does(tmp_path: Path) -> None:
    ended = [
        record(tmp_path, b"", "sh", "-c", script).returncode
        for script in ("exit 3", "kill -9 $$", "true")
    ]
    assert ended == [3, -signal.SIGKILL, 0]


def test_a_signal_to_the_recorder_reaches_the_command(tmp_path: Path) -> None:
    argv = [sys.executable, "-S", "-E", str(HERE / "recorder.py"), str(tmp_path), "sh", "-c"]
    script = "trap 'echo caught; exit 4' TERM; echo ready; while :; do read line || exit 5; done"
    with subprocess.Popen(
        [*argv, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        process.terminate()
        assert process.stdout.readline() == b"caught\n"
        process.stdin.close()
    assert process.returncode == 4


def test_messages_are_cut_alike_however_they_arrive() -> None:
    text = b'{"a":1}\nend\n{"b":\n2}\nend\nend\nrest'
    whole = Frames().feed(text)
    reader = Frames()
    assert (
        [frame for byte in text for frame in reader.feed(bytes([byte]))]
        == whole
        == [b'{"a":1}', b'{"b": 2}', b""]
    )


@pytest.mark.parametrize("name", ["words", "fates", "bolt-exits"])
def test_a_simulation_of_processes_behind_the_recorder_holds_the_same_conversations(
    name: str, tmp_path: Path
) -> None:
    """What is noted at the simulator's side is what the program between would have noted."""
    wrapper = tmp_path / "python"
    words = [sys.executable, "-S", "-E", HERE / "recorder.py", tmp_path / "notes", sys.executable]
    # So it notes what Storm would be told.
    lines = [
        "#!/bin/sh",
        "unset STREAMPARSE_TELLS_MORE",
        f"""exec {" ".join(map(str, words))} "$@" """,
    ]
    wrapper.write_text("\n".join(lines), encoding="utf-8")
    wrapper.chmod(0o755)
    each = next(each for each in ALL if each.name == name)
    one = simulate(each, "2.8.3")
    other = simulate(each, "2.8.3", python=str(wrapper))
    assert {name: view(name, one) for name in VIEWS} == {name: view(name, other) for name in VIEWS}
    assert [(talk.task, talk.life) for talk in read_lives(tmp_path / "notes" / name)] == [
        (talk.task, talk.life) for talk in one.talks
    ]

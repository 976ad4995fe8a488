"""The projects under test: their sources can be imported, and a broken config.json is one line."""

from __future__ import annotations

import re
import shutil

import pytest

from streamparse.quickstart import write_project
from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"


def test_the_sources_of_the_nearest_project_can_be_imported_by_a_conftest_already(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests/conftest.py").write_text("from bolts.wordcount import WordCounter\n")
    (pytester.path / "tests/test_it.py").write_text(
        "from conftest import WordCounter\n"
        "def test_it(storm):\n"
        "    bolt = storm.bolt(WordCounter, inputs=['word'], outputs=['word', 'count'])\n"
        "    assert bolt.process(['dog']).emitted == [['dog', 1]]\n"
    )
    elsewhere = pytester.mkdir("elsewhere")
    outcomes = [run("-q", "tests").parseoutcomes()]
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(elsewhere)
        outcomes.append(
            run("-q", f"--rootdir={elsewhere}", "../tests/test_it.py::test_it").parseoutcomes()
        )
    assert outcomes == [{"passed": 1}] * 2


def test_a_directory_with_a_config_of_somebody_else_is_left_alone(
    pytester: pytest.Pytester, run: Run
) -> None:
    shutil.rmtree(pytester.path / "topologies")
    pytester.makepyfile(
        "import sys\ndef test_it(): print('SAID', [p for p in sys.path if p[-4:] == '/src'])"
    )
    said = []
    for config in ("{}", '{"topology_specs": "specs/"}'):
        (pytester.path / "config.json").write_text(config)
        said += re.findall("SAID (.*)", run("-s").stdout.str())
    assert said == ["[]", f"['{pytester.path}/src']"]


BROKEN = '{"envs": {},\n"log":\n  x}'


@pytest.mark.parametrize("place", [".", "tests"])
def test_a_broken_config_json_is_one_line_with_its_place(
    place: str, pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text(BROKEN)
    pytester.mkdir("tests").joinpath("test_it.py").write_text("def test_it(storm): pass")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(pytester.path / place)
        result = run()
    lines = [line for line in result.stderr.lines if line]
    up = "" if place == "." else "../"
    assert (result.ret, lines) == (
        pytest.ExitCode.USAGE_ERROR,
        [f"ERROR: {up}config.json:3:3: no JSON: expecting value"],
    )


def test_a_broken_config_json_fails_each_test_in_a_line_where_workers_cannot_end_the_run(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text(BROKEN)
    pytester.makepyfile("def test_it(storm): pass\ndef test_other(): pass")
    result = run("-n", "2", "-q")
    assert result.parseoutcomes() == {"passed": 1, "errors": 1}
    shown = [line for line in result.stdout.lines if "config.json" in line]
    assert shown[0] == "config.json:3:3: no JSON: expecting value"
    assert "Traceback" not in result.stdout.str()
    result.stdout.no_fnmatch_line("During handling of*")


def test_a_broken_config_json_is_nothing_to_tests_without_the_fixture(
    pytester: pytest.Pytester, run: Run
) -> None:
    (pytester.path / "config.json").write_text(BROKEN)
    pytester.makepyfile("def test_it(): pass")
    assert run().parseoutcomes() == {"passed": 1}


def test_projects_in_subfolders_find_their_sources(pytester: pytest.Pytester) -> None:
    for name in ("first", "second"):
        write_project(name, pytester.path)
    for name in ("bolts", "spouts"):  # two projects in one run need names of their own
        (pytester.path / "second/src" / name).rename(pytester.path / "second/src" / f"other_{name}")
    test = pytester.path / "second/tests/test_wordcount.py"
    test.write_text(
        "from other_bolts.wordcount import WordCounter\n\n\n"
        "def test_counts(storm):\n"
        '    bolt = storm.bolt(WordCounter, inputs=["word"], outputs=["word", "count"])\n'
        '    assert bolt.process(["dog"]).emitted == [["dog", 1]]\n'
    )
    pytester.runpytest("--import-mode=importlib").assert_outcomes(passed=5)


def test_a_project_that_is_not_collected_is_left_alone(pytester: pytest.Pytester) -> None:
    for name in ("first", "second"):
        write_project(name, pytester.path)
    pytester.makeconftest('collect_ignore = ["second"]')
    result = pytester.runpytest("--import-mode=importlib")
    assert result.parseoutcomes() == {"passed": 4}


def test_two_projects_with_the_same_modules_are_refused(pytester: pytest.Pytester) -> None:
    for name in ("first", "second"):
        write_project(name, pytester.path)
    result = pytester.runpytest("--import-mode=importlib")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["*src and *src both have bolts, spouts; run pytest in each project by itself"]
    )
    result.stdout.no_fnmatch_line("*sources.py*")

"""The storm marker: which one counts, and mistakes in it."""

from __future__ import annotations

import re
import zlib

import pytest

from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"


def test_mode_seed_and_version_are_the_nearest_markers_then_the_options_then_the_files(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makeini("[pytest]\nstorm_mode = process\nstorm_version = 1.2.4")
    pytester.makepyfile(
        """
        import pytest

        def test_plain(storm):
            print("SAID", storm.mode, storm.version, storm.seed)

        @pytest.mark.storm(mode="inprocess", seed=7)
        class TestMarked:
            def test_class(self, storm):
                print("SAID", storm.mode, storm.version, storm.seed)

            @pytest.mark.storm(storm_version="0.9.5", seed=8)
            def test_function(self, storm):
                print("SAID", storm.mode, storm.version, storm.seed)

            @pytest.mark.storm(storm="0.10.2")
            def test_old_name(self, storm):
                print("SAID", storm.mode, storm.version, storm.seed)
        """
    )

    def said(*options: str) -> list[str]:
        return re.findall("SAID (.*)", run("-s", *options).stdout.str())

    name = f"{pytester.path.name.rstrip('0123456789')}.py::test_plain"
    plain = zlib.crc32(name.encode())
    marked = ["inprocess 0.9.5 8", "inprocess 0.10.2 7"]
    assert (said()[1:], said("--storm-seed=3", "--storm-mode=both")) == (
        ["inprocess 1.2.4 7", *marked],
        ["inprocess 1.2.4 3", "process 1.2.4 3", "inprocess 1.2.4 7", *marked],
    )
    assert said("--storm-version=2.8.3")[1:] == ["inprocess 2.8.3 7", *marked]
    assert said()[0] == f"process 1.2.4 {plain}"


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (
            "'process'",
            "takes mode=, seed=, storm_version=, strict=, virtual_time= and cwd=, by name",
        ),
        (
            "moed='process'",
            "has no moed=; expected mode=, seed=, storm_version=, strict=, virtual_time= and cwd=",
        ),
        ("mode='fork'", ": mode=fork: expected inprocess, process or both"),
        ("seed=True", ": seed=True: expected an integer"),
        ("strict='no'", ": strict=no: expected True or False"),
        ("virtual_time=1", ": virtual_time=1: expected True or False"),
        (
            "storm_version='2'",
            ": storm_version: Storm version '2': not one that can be simulated; *",
        ),
        ("storm='2'", ": storm: Storm version '2': not one that can be simulated; *"),
        (
            "storm='2.8.3', storm_version='2.8.3'",
            ": storm= is the old name of storm_version=; give one of them",
        ),
    ],
)
def test_a_wrong_marker_is_one_line_that_names_the_test(
    marker: str, message: str, pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.storm({marker})\ndef test_it(storm): pass")
    result = run()
    gap = "" if message.startswith(":") else " "
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *.py::test_it: the marker storm{gap}{message}"])


def test_a_wrong_marker_fails_its_test_where_workers_cannot_end_the_run(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.storm(mode="fork")
        def test_it(storm):
            pass

        def test_other(storm):
            pass
        """
    )
    result = run("-n", "2")
    assert result.parseoutcomes() == {"passed": 1, "errors": 1}
    result.stdout.fnmatch_lines(
        ["*.py::test_it: the marker storm: mode=fork: expected inprocess, process or both"]
    )

"""``--storm-record``: the components of the topologies that tests build are recorded."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from streamparse.recordings import read_recordings
from tests.pytest_streamparse.conftest import Run

pytestmark = pytest.mark.slow

pytest_plugins = "pytester"

TESTS = """
    import pytest

    @pytest.mark.parametrize("word", ["dog", "cat"])
    def test_counts(storm, word):
        topology = storm.topology("wordcount", spouts={"word-spout": [[word]] * 3})
        topology.complete()
        assert len(topology["count-bolt"].acked) == 3

    def test_explores(storm):
        for run in storm.explore(2, vary=[]):
            with run.topology("wordcount", spouts={"word-spout": [["cat"]]}) as topology:
                topology.advance(1)

    def test_a_bolt(storm):
        storm.bolt("bolts.wordcount.WordCounter", inputs=["word"], outputs=["word", "count"]).process(["dog"])
"""


def recorded(pytester: pytest.Pytester) -> Sequence[tuple[str, Sequence[str], int]]:
    """The component, what was redacted and the number of tuples of each recording."""
    found = [
        each
        for path in sorted(pytester.path.glob("recordings/*/*.jsonl*"))
        for each in read_recordings(path)
    ]
    return sorted(
        (each.head.component, each.head.redacted, each.end.tuples) for each in found if each.end
    )


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")])
def test_each_topology_of_a_test_is_recorded_and_replayed(
    workers: Sequence[str], pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(TESTS)
    pytester.makeini("[pytest]\nstorm_redact = count elsewhere")
    flags = ("--storm-record=count-bolt:2", "--storm-redact=word", *workers)
    for _ in range(2):  # a second run replaces the recordings of the first
        result = run(*flags)
        result.assert_outcomes(passed=4)
        redacted = ["count", "elsewhere", "word"]
        assert recorded(pytester) == [("count-bolt", redacted, tuples) for tuples in (0, 0, 2, 2)]
    result.stdout.fnmatch_lines(["* storm: recordings *", "*/recordings: 4 recordings"])
    names = {path.parent.name.rpartition("-")[0] for path in pytester.path.glob("recordings/*/*")}
    assert sorted(names) == [
        f"{pytester.path.name[:-1]}-py-test_counts-{word}" for word in ("cat", "dog")
    ]
    result = run("--storm-recordings=recordings", "-k", "recording")
    result.assert_outcomes(passed=4, deselected=4, warnings=4)
    result.stdout.fnmatch_lines(
        [
            "*: input 1 is not compared: count-bolt needs word, which the redaction took: TypeError: *"
        ]
    )


@pytest.mark.parametrize(
    ("flags", "lines"),
    [
        (
            ["--storm-record=count-blot"],
            [
                "--storm-record count-blot: no topology of these tests has this component "
                '(did you mean "count-bolt"?)'
            ],
        ),
        (
            ["--storm-record=word-spout", "-n", "1"],
            [
                "--storm-record word-spout: it runs in no topology of these tests: stubs have taken its place, or it "
                "is for a JVM"
            ],
        ),
        (
            ["--storm-record=count-bolt", "--storm-redact=wrod"],
            [
                '--storm-redact wrod: no stream of count-bolt has this field (did you mean "word"?); '
                "expected one of count, word"
            ],
        ),
    ],
)
def test_what_no_topology_has_is_an_error_at_the_end(
    flags: list[str], lines: list[str], pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(TESTS)
    result = run(*flags)
    errors = [line for line in result.stdout.lines if line.startswith("ERROR: ")]
    assert (result.ret, errors) == (
        pytest.ExitCode.USAGE_ERROR,
        [f"ERROR: {line}" for line in lines],
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--storm-record=count-bolt:0"],
            "--storm-record count-bolt:0: '0' is no number of tuples; expected ID[:N] with N from 1 to 10^18, such "
            "as count-bolt:1000",
        ),
        (["--storm-record=:5"], "--storm-record :5: expected ID[:N], such as count-bolt:1000"),
        (
            ["--storm-redact=word"],
            "--storm-redact: nothing is recorded; expected --storm-record ID as well, such as "
            "--storm-record count-bolt",
        ),
        (
            ["--storm-record-into=there"],
            "--storm-record-into: nothing is recorded; expected --storm-record ID as well, such as "
            "--storm-record count-bolt",
        ),
        (
            ["--storm-record=count-bolt", "--storm-record-into=config.json"],
            "--storm-record-into=config.json: no directory; expected one, or a new name",
        ),
        (
            ["--storm-record=count-bolt", "--storm-redact="],
            "--storm-redact: expected the name of a field",
        ),
        (
            ["--storm-record=count-bolt", "--storm-mutate"],
            "--storm-record and --storm-mutate: expected one of them",
        ),
    ],
)
def test_a_wrong_option_is_one_line(flags: list[str], message: str, run: Run) -> None:
    result = run(*flags)
    lines = [line for line in result.stderr.lines if line]
    assert (result.ret, lines) == (pytest.ExitCode.USAGE_ERROR, [f"ERROR: {message}"])


def test_a_directory_that_cannot_be_made_fails_the_test_at_its_own_line(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile(TESTS)
    result = run("--storm-record=count-bolt", "--storm-record-into=config.json/x", "-k", "dog")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.re_match_lines(
        [
            r"E +streamparse\.testing\.HarnessError: .*/config\.json/x/.*-test_counts-dog-.*: Not a directory",
            r"test_.*\.py:5: HarnessError",
        ]
    )

"""Golden files: written when asked for, compared otherwise, and always beside the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.testing.golden import MOST_LINES, difference
from streamparse.testing import HarnessError, RunningTopology, Storm
from tests.support.chain_project import chain

ROOT, OLD, BELOW, EMITTED = (
    'rows [0, "dog"] id 0: acked',
    '  old [0, "dog"]: acked',
    '    count [0, "dog"]: acked',
    '      -> ["dog", 1]',
)


def run(storm: Storm) -> RunningTopology:
    return chain(storm, [[0, "dog"]]).complete()


def test_a_golden_file_is_written_when_asked_for_and_compared_afterwards(
    storm: Storm, tmp_path: Path
) -> None:
    topology = run(storm)
    storm.update_golden = True
    storm.golden("chain")
    storm.update_golden = False
    storm.golden("chain")
    written = (tmp_path / "golden" / "chain.txt").read_text(encoding="utf-8")
    assert written == str(topology.trace.trees())


def test_what_differs_from_a_golden_file_is_shown(storm: Storm, tmp_path: Path) -> None:
    topology = run(storm)
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "one.txt").write_text(
        str(topology.trace.trees()).replace("pass", "old"), encoding="utf-8"
    )
    with pytest.raises(AssertionError) as raised:
        storm.golden("one")
    assert str(raised.value).splitlines() == [
        f"not as in {tmp_path}/golden/one.txt; if the change is right, write it with "
        "Storm(..., update_golden=True):",
        f"{'golden':54}   this run",
        f"{ROOT:54}   {ROOT}",
        f"{OLD:54} | {OLD.replace('old', 'pass')}",
        f"{BELOW:54}   {BELOW}",
        f"{EMITTED:54}   {EMITTED}",
    ]


def test_a_golden_file_that_is_not_there_is_asked_for(storm: Storm, tmp_path: Path) -> None:
    topology = run(storm)
    storm.rerun_command = "pytest test_t.py"
    with pytest.raises(AssertionError) as raised:
        storm.golden("new")
    first, *shown = str(raised.value).splitlines()
    assert first == (
        f"there is no golden file {tmp_path}/golden/new.txt; read what follows, and if it is right write it with "
        "pytest --storm-update-golden:"
    )
    assert shown == str(topology.trace.trees()).splitlines()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a\\b", "a\nb"])
def test_a_golden_file_stands_beside_the_test(storm: Storm, name: str) -> None:
    run(storm)
    with pytest.raises(HarnessError, match=r"expected a name of letters, digits, - and _"):
        storm.golden(name)


def test_a_difference_has_an_end() -> None:
    old, new = ("".join(f"{word} {n}\n" for n in range(100)) for word in ("old", "new"))
    lines = difference(old, new).splitlines()
    assert (len(lines), lines[-1]) == (MOST_LINES + 1, "and 1 more line")


def test_lines_stand_side_by_side_with_what_is_around_them() -> None:
    same = [f"line {number}" for number in range(9)]
    old = [*same[:4], "gone", *same[4:]]
    new = [*same, "x" * 60]
    assert difference("\n".join(old), "\n".join(new)).splitlines() == [
        f"{'golden':54}   this run",
        "...",
        *(f"{line:54}   {line}" for line in same[1:4]),
        f"{'gone':54} <",
        *(f"{line:54}   {line}" for line in same[4:]),
        f"{'':54} > {'x' * 60}",
    ]


def test_a_trace_can_be_kept_and_that_of_a_run_that_differs_is_put_beside_it(
    storm: Storm, tmp_path: Path
) -> None:
    topology = run(storm)
    storm.update_golden = True
    storm.golden("chain", trace=True)
    storm.update_golden = False
    storm.golden("chain", trace=True)
    golden = tmp_path / "golden"
    assert sorted(each.name for each in golden.iterdir()) == ["chain.jsonl", "chain.txt"]
    assert (golden / "chain.jsonl").read_text(encoding="utf-8") == str(topology.trace)
    other = chain(storm, [[0, "cat"]]).complete()
    with pytest.raises(AssertionError) as raised:
        storm.golden("chain", trace=True)
    assert str(raised.value).splitlines()[-1] == (
        f"the traces: {golden}/chain.jsonl and, of this run, {golden}/chain.now.jsonl"
    )
    assert (golden / "chain.now.jsonl").read_text(encoding="utf-8") == str(other.trace)


def test_a_golden_file_that_cannot_be_written_is_one_line(storm: Storm, tmp_path: Path) -> None:
    run(storm)
    storm.update_golden = True
    (tmp_path / "golden").touch()
    with pytest.raises(HarnessError, match=rf"^{tmp_path}/golden/chain.txt: cannot be written: "):
        storm.golden("chain")

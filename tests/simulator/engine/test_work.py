"""Work as users declare it: every form of a duration, every mistake, and what is drawn."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simulator import RUN_CONF, parse_topology
from simulator.engine.chance import stream_of
from simulator.engine.work import (
    MOST_PARALLEL,
    Work,
    WorkError,
    flat_work,
    parse_duration,
    parse_work,
    read_work,
)
from tests.support.table_top import bolt, spout, topology_text

TOPOLOGY = parse_topology(
    topology_text(spout("[]"), bolt("price", "Tells") + bolt("a.b", "Tells")),
    options={**RUN_CONF, "topology.python.path": sys.executable},
)
EXPECTED = "expected 30ms, 0.03s, 20ms..40ms or exp(30ms)"
BOLTS = "expected one of tuple, tick, initialize, parallel"
SPOUTS = "expected one of next, ack, fail, initialize"


def refusal(work: dict[str, Any], feeds: tuple[str, ...] = ()) -> str:
    """The message about work that is refused; it is one line."""
    with pytest.raises(WorkError) as caught:
        parse_work(work, TOPOLOGY, feeds, "--work")
    message = str(caught.value)
    assert "\n" not in message
    return message


# -- durations


@pytest.mark.parametrize(
    ("text", "mean_us"),
    [
        ("30ms", 30_000),
        ("0.03s", 30_000),
        ("250us", 250),
        (".5ms", 500),
        ("5.ms", 5_000),
        ("2m", 120e6),
        ("2min", 120e6),
        ("1h", 3.6e9),
        ("0ms", 0),
        (" 30 ms ", 30_000),
        ("30.67ms", 30_670),
        ("20ms..40ms", 30_000),
        ("20 ms .. 0.04 s", 30_000),
        ("30ms..30ms", 30_000),
        ("exp(30ms)", 30_000),
        ("exp( 0.03s )", 30_000),
        (["10ms", "20ms", "60ms"], 30_000),
        ('["10ms", "20ms", "60ms"]', 30_000),
        (("30ms",), 30_000),
        ("8760h", 365 * 86_400e6),  # a year is the most
    ],
)
def test_a_duration_has_a_mean(text: object, mean_us: float) -> None:
    assert parse_duration(text, "price").mean_us == pytest.approx(mean_us, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["30ms", "20ms..40ms", "exp(30ms)", ["10ms", "20ms", "60ms"], "0ms", "exp(0ms)"]
)
def test_what_is_drawn_has_that_mean_and_is_never_negative(text: object) -> None:
    duration, rng = parse_duration(text, "price"), Random("fixed")
    drawn = [duration.draw(rng) for _ in range(20_000)]
    assert min(drawn) >= 0
    # Of so many draws the mean is off by less than 1 % of an exponential's deviation; the seed is fixed.
    assert math.fsum(drawn) / len(drawn) == pytest.approx(duration.mean_us, rel=0.02)


def test_each_form_draws_what_it_says() -> None:
    def drawn(text: object) -> list[float]:
        rng = Random("fixed")
        duration = parse_duration(text, "price")
        return [duration.draw(rng) for _ in range(1000)]

    assert set(drawn("30ms")) == {30_000}
    assert set(drawn(["10ms", "20ms"])) == {10_000, 20_000}
    even = drawn("20ms..40ms")
    assert 20_000 <= min(even) < 20_200
    assert 39_800 < max(even) < 40_000
    long_tail = drawn("exp(30ms)")
    assert sum(each > 30_000 for each in long_tail) / 1000 == pytest.approx(1 / math.e, abs=0.05)


def test_what_is_drawn_is_a_function_of_the_seed() -> None:
    duration = parse_duration("exp(30ms)", "price")

    def drawn(seed: int) -> list[int]:
        rng = stream_of(seed, "price/0/work")
        return [round(duration.draw(rng)) for _ in range(3)]

    # These numbers are those of every machine and every Python.
    assert (drawn(1), drawn(2)) == ([94877, 12613, 12695], [86256, 13227, 15013])


@pytest.mark.parametrize(
    ("value", "finding"),
    [
        ("30", '"30" has no unit; expected 30ms or 0.03s'),
        ("1.5", '"1.5" has no unit; expected 1.5ms or 0.0015s'),
        (30, f"30 has no unit; {EXPECTED}"),
        (0.03, f"0.03 has no unit; {EXPECTED}"),
        (-30, f"-30 has no unit; {EXPECTED}"),
        (float("nan"), f"NaN has no unit; {EXPECTED}"),
        (True, f"true is no duration; {EXPECTED}"),
        (None, f"null is no duration; {EXPECTED}"),
        ("", f'"" is no duration; {EXPECTED}'),
        ("-30ms", f'"-30ms" is no duration; {EXPECTED}'),
        ("nan", f'"nan" is no duration; {EXPECTED}'),
        ("nanms", f'"nanms" is no duration; {EXPECTED}'),
        ("infms", f'"infms" is no duration; {EXPECTED}'),
        ("1e3ms", f'"1e3ms" is no duration; {EXPECTED}'),
        ("1_000ms", f'"1_000ms" is no duration; {EXPECTED}'),
        ("\u0663ms", f'"\\u0663ms" is no duration; {EXPECTED}'),  # another script's 3
        (".ms", f'".ms" is no duration; {EXPECTED}'),
        ("30ms 40ms", f'"30ms 40ms" is no duration; {EXPECTED}'),
        ("30 msec", '"30 msec" has the unit "msec"; expected us, ms, s, m or h'),
        ("30MS", '"30MS" has the unit "MS"; expected us, ms, s, m or h'),
        ("8761h", f'"8761h" is more than a year; {EXPECTED}'),
        ("9" * 400 + "s", f'"{"9" * 59}... is more than a year; {EXPECTED}'),
        ("40ms..20ms", f"the range 40ms..20ms ends before it begins; {EXPECTED}"),
        ("..", f'"" is no duration; {EXPECTED}'),
        ("20ms..", f'"" is no duration; {EXPECTED}'),
        ("..20ms", f'"" is no duration; {EXPECTED}'),
        ("20..40ms", '"20" has no unit; expected 20ms or 0.02s'),
        ("20ms..40ms..60ms", f'"40ms..60ms" is no duration; {EXPECTED}'),
        ("exp()", f'"" is no duration; {EXPECTED}'),
        ("exp(30)", '"30" has no unit; expected 30ms or 0.03s'),
        ("exp(-30ms)", f'"-30ms" is no duration; {EXPECTED}'),
        ("exp(30ms", f'"exp(30ms" is no duration; {EXPECTED}'),
        ("exp(10ms..20ms)", f'"10ms..20ms" is no duration; {EXPECTED}'),
        ("exp(exp(3ms))", f'"exp(3ms)" is no duration; {EXPECTED}'),
        ([], 'an empty list; expected durations, such as ["30ms", "31ms"]'),
        ("[]", 'an empty list; expected durations, such as ["30ms", "31ms"]'),
        ("[30ms]", '"[30ms]" is no list; expected durations, such as ["30ms", "31ms"]'),
        (["30ms", 31], "sample 2, 31, has no unit; expected 30ms or 0.03s"),
        (["30ms", ["31ms"]], 'sample 2, ["31ms"], is no duration; expected 30ms or 0.03s'),
        (["30ms", "31"], 'sample 2: "31" has no unit; expected 31ms or 0.031s'),
        (["exp(3ms)"], f'sample 1: "exp(3ms)" is no duration; {EXPECTED}'),
    ],
)
def test_what_is_no_duration_is_refused_in_one_line(value: object, finding: str) -> None:
    assert refusal({"price": value}) == f"--work price: {finding}"


# -- the work of a topology


def test_the_parts_of_a_bolt_and_of_a_spout() -> None:
    work: dict[str, object] = {
        "price": "30ms",
        "price.tick": "1s",
        "price.initialize": "2s",
        "price.parallel": "4",
        "s": {"next": "2ms", "ack": "1ms", "fail": "3ms", "initialize": "4ms"},
        "a.b": {"parallel": 2},
    }
    found = parse_work(work, TOPOLOGY)
    means = {
        (name, part): each.mean_us / 1000
        for name, parts in found.items()
        for part in ("tuple", "tick", "next", "ack", "fail", "initialize")
        if (each := getattr(parts, part)) is not None
    }
    assert means == {
        ("price", "tuple"): 30, ("price", "tick"): 1000, ("price", "initialize"): 2000,
        ("s", "next"): 2, ("s", "ack"): 1, ("s", "fail"): 3, ("s", "initialize"): 4,
    }  # fmt: skip
    assert {name: each.parallel for name, each in found.items()} == {"price": 4, "s": 1, "a.b": 2}
    assert parse_work({}, TOPOLOGY) == parse_work({"price": {}}, TOPOLOGY) == {}


def test_a_component_may_have_a_dot_in_its_name() -> None:
    found = parse_work({"a.b": "1ms", "a.b.tick": "2ms"}, TOPOLOGY)
    assert [(name, each.tuple and each.tuple.text, each.tick and each.tick.text) for name, each in found.items()] == [
        ("a.b", "1ms", "2ms")
    ]  # fmt: skip


def test_work_without_a_stub_is_refused_only_where_the_process_is_missing() -> None:
    assert refusal({"s": "1ms"}, feeds=("s",)) == (
        "--work s: s has no process that could work, its rows come from a stub"
    )
    assert set(parse_work({"price": "1ms"}, TOPOLOGY, ["s"])) == {"price"}


@pytest.mark.parametrize(
    ("work", "message"),
    [
        ({"prise": "1ms"}, "--work prise: there is no component 'prise' (did you mean \"price\"?)"),
        ({"prise.tick": "1ms"}, "--work prise.tick: there is no component 'prise' (did you mean \"price\"?)"),
        ({"": "1ms"}, "--work : there is no component ''"),
        ({"price.tik": "1ms"}, "--work price.tik: the bolt price has no work 'tik' (did you mean \"tick\"?)"),
        ({"price.next": "1ms"}, f"--work price.next: the bolt price has no work 'next'; {BOLTS}"),
        ({"price.": "1ms"}, f"--work price.: the bolt price has no work ''; {BOLTS}"),
        ({"s.tuple": "1ms"}, f"--work s.tuple: the spout s has no work 'tuple'; {SPOUTS}"),
        ({"s.parallel": 2}, f"--work s.parallel: the spout s has no work 'parallel'; {SPOUTS}"),
        ({"price": {"": "1ms"}}, f"--work price.: the bolt price has no work ''; {BOLTS}"),
        ({"price": {"tick": 5}}, f"--work price.tick: 5 has no unit; {EXPECTED}"),
        ({"price": {"tick": {}}}, f"--work price.tick: {{}} is no duration; {EXPECTED}"),
        ({"price.tick": {"tuple": "1ms"}}, f"--work price.tick: expected a duration for a part; {EXPECTED}"),
    ],
)  # fmt: skip
def test_what_the_topology_has_no_place_for_is_refused(work: dict[str, Any], message: str) -> None:
    assert refusal(work) == message


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), ("0", '"0"'), (True, "true"), (1.5, "1.5"), (2.0, "2.0"), (-1, "-1"), ("two", '"two"'),
        (None, "null"), ([2], "[2]"), (MOST_PARALLEL + 1, "10001"), ("1" * 10, '"1111111111"'), ("", '""'),
    ],
)  # fmt: skip
def test_parallel_is_a_whole_number_from_1_on(value: object, shown: str) -> None:
    assert refusal({"price.parallel": value}) == (
        f"--work price.parallel: {shown}; expected how many tuples at a time, from 1 to 10000"
    )


def test_work_has_one_entry_for_each_part_however_it_is_written() -> None:
    one = flat_work({"price": {"tuple": "1ms", "tick": "2ms"}, "s": "3ms"}, TOPOLOGY)
    other = flat_work({"price.tuple": "1ms", "price.tick": "2ms", "s.next": "3ms"}, TOPOLOGY)
    assert one == other == {"price": "1ms", "price.tick": "2ms", "s": "3ms"}
    with pytest.raises(WorkError, match=r"^work prise: there is no component"):
        flat_work({"prise": "1ms"}, TOPOLOGY)


def test_work_is_shown_as_the_options_that_give_it() -> None:
    work: dict[str, object] = {
        "price": ["30ms", "31ms"],
        "price.tick": "20ms..40ms",
        "price.initialize": "exp(2s)",
        "price.parallel": 4,
        "s.ack": " 1 ms ",
        "s": "2ms",
        "a.b": "5ms",
    }
    found = parse_work(work, TOPOLOGY)
    kinds = {name: each.kind for name, each in TOPOLOGY.components.items()}
    options = [option for name, each in found.items() for option in each.shown(name, kinds[name])]
    assert options == [
        'price=["30ms", "31ms"]', "price.tick=20ms..40ms", "price.initialize=exp(2s)", "price.parallel=4",
        "s=2ms", "s.ack=1 ms",
        "a.b=5ms",
    ]  # fmt: skip
    again = parse_work(dict(option.split("=", 1) for option in options), TOPOLOGY)
    assert {name: each.shown(name, kinds[name]) for name, each in again.items()} == {
        name: each.shown(name, kinds[name]) for name, each in found.items()
    }
    assert Work().shown("price", "bolt") == []


# -- work files


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "work.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        '{"price": "30ms"}',
        '{"work": {"price": "30ms"}}',
        '{"topology": "t", "work": {"price": "30ms"}}',
        b'\xef\xbb\xbf{"price": "30ms"}',
    ],
)
def test_a_work_file_is_an_object_with_or_without_the_topologys_name(
    tmp_path: Path, text: str | bytes
) -> None:
    assert read_work(written(tmp_path, text), TOPOLOGY) == {"price": "30ms"}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", ":1:1: no JSON: expecting value"),
        ('{"price":\n 30ms}', ":2:4: no JSON: expecting ',' delimiter"),
        ("[" * 100_000, f": nested too deeply; {EXPECTED}"),
        ('{"price": ' + "1" * 5000 + "}", f": a number is too long; {EXPECTED}"),
        (
            '{"price": "3ms",\n "price": "30ms"}',
            ':2:2: the key "price" stands twice, and only the last would count; leave one out',
        ),
        ('["30ms"]', ': expected a JSON object, such as {"price": "30ms"}'),
        ("30", ': expected a JSON object, such as {"price": "30ms"}'),
        ('{"topology": "other", "work": {}}', ": it is the work of topology \"other\", and this is 't'"),
        ('{"topology": null, "work": {}}', ": it is the work of topology null, and this is 't'"),
        (b"\x80\x81", ": 'utf-8' codec can't decode byte 0x80 in position 0: invalid start byte"),
    ],
)  # fmt: skip
def test_a_file_that_has_no_work_is_refused_with_its_place(
    tmp_path: Path, text: str | bytes, finding: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(WorkError) as caught:
        read_work(path, TOPOLOGY)
    assert str(caught.value) == f"{path}{finding}"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path, finding in [
        (tmp_path / "none.json", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (Path("a\0b"), "embedded null byte"),
    ]:
        with pytest.raises(WorkError) as caught:
            read_work(path, TOPOLOGY)
        assert str(caught.value) == f"{path}: {finding}"


def test_a_file_that_is_too_long_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.engine.work.MOST_CHARS", 10)
    path = written(tmp_path, json.dumps({"price": "30ms"}))
    with pytest.raises(WorkError) as caught:
        read_work(path, TOPOLOGY)
    assert str(caught.value) == (f"{path}: more than 10 characters; expected a JSON object of work")

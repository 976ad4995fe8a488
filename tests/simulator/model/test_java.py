"""Java's numbers: a table that real parsers and hashes gave, known vectors, and a JDK asked about the rest."""

from __future__ import annotations

import math
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulator.model.groupings import fields_index
from simulator.model.java import (
    all_components,
    bytes_hash,
    clojure_order,
    copied,
    fields_hash,
    grown,
    java_hash,
    java_random,
    java_string_hash,
    map_order,
    murmur3_128,
    outbound_order,
    received,
)
from simulator.model.profiles import Profile, profile
from simulator.wire.protocol import Dialect, LongFloat, decode

SIMPLE = profile("2.5.0")  # json-simple: every integer a Long, every float a Double
SMART = profile("2.6.0")  # json-smart: small integers are Integers, long floats BigDecimals

# What a component printed: (hash, task of 2, of 3, of 4) up to 2.5, and from 2.6 on where it differs.
# Computed by Arrays.deepHashCode and Math.floorMod over what Storm's two JSON parsers returned.
Row = tuple[int, int, int, int]
PLACED: list[tuple[str, Row, Row | None]] = [
    ('["the"]', (114832, 0, 1, 0), None),
    ('["dog"]', (99675, 1, 0, 3), None),
    ('["apple"]', (93029241, 1, 0, 1), None),
    ('["hello"]', (99162353, 1, 2, 1), None),
    ('[""]', (31, 1, 1, 3), None),
    ('["é"]', (264, 0, 0, 0), None),
    ('["\\u00e9"]', (264, 0, 0, 0), None),
    ('["😀"]', (1772930, 0, 2, 2), None),
    ('["\\ud83d\\ude00"]', (1772930, 0, 2, 2), None),
    ('["polygenelubricants"]', (-2147483617, 1, 2, 3), None),
    ('["apple","banana"]', (1487551244, 0, 2, 0), None),
    ("[0]", (31, 1, 1, 3), None),
    ("[1]", (32, 0, 2, 0), None),
    ("[42]", (73, 1, 1, 1), None),
    ("[-1]", (31, 1, 1, 3), (30, 0, 0, 2)),
    ("[-2]", (32, 0, 2, 0), (29, 1, 2, 1)),
    ("[-42]", (72, 0, 0, 0), (-11, 1, 1, 1)),
    ("[2147483648]", (-2147483617, 1, 2, 3), None),
    ("[4294967296]", (32, 0, 2, 0), None),
    ("[1.0]", (1072693279, 1, 1, 3), None),
    ("[1.5]", (1073217567, 1, 0, 3), None),
    ("[0.0]", (31, 1, 1, 3), None),
    ("[-0.0]", (-2147483617, 1, 2, 3), None),
    ("[0.1]", (-1507852254, 0, 0, 2), None),
    ("[3.141592653589793]", (340593922, 0, 1, 2), None),
    ("[0.30000000000000004]", (216006694, 0, 1, 2), (691387331, 1, 2, 3)),
    ("[true]", (1262, 0, 2, 2), None),
    ("[false]", (1268, 0, 2, 0), None),
    ("[null]", (31, 1, 1, 3), None),
    ("[null,null]", (961, 1, 1, 1), None),
    ("[[]]", (32, 0, 2, 0), None),
    ("[[1,2,3]]", (30848, 0, 2, 0), None),
    ('[[1,[2,null]],"x"]', (63546, 0, 0, 2), None),
    ("[{}]", (31, 1, 1, 3), None),
    ('[{"a":1}]', (127, 1, 1, 3), None),
    ('[{"a":1,"b":[true,null]}]', (39215, 1, 2, 3), None),
    ('[{"b":[true,null],"a":1}]', (39215, 1, 2, 3), None),
    ('[{"a":-1}]', (128, 0, 2, 0), (-67, 1, 2, 1)),
    ('["user-1",5]', (-147181833, 1, 0, 3), None),
    ('["cat",-7,2.5,false]', (1862638406, 0, 2, 2), (1862625913, 1, 1, 1)),
    ("[1,-1]", (992, 0, 2, 0), (991, 1, 1, 3)),
]


def placed(text: str, storm: Profile) -> Row:
    values = decode(text.encode(), Dialect(smart=storm.json == "smart"))
    assert isinstance(values, list)
    two, three, four = (fields_index(values, n, storm) for n in (2, 3, 4))
    return fields_hash(values, storm), two, three, four


@pytest.mark.parametrize(("text", "simple", "smart"), PLACED)
def test_values_are_hashed_and_placed_as_on_a_storm_up_to_2_5(
    text: str, simple: Row, smart: Row | None
) -> None:
    assert placed(text, SIMPLE) == simple


@pytest.mark.parametrize(("text", "simple", "smart"), PLACED)
def test_values_are_hashed_and_placed_as_on_a_storm_from_2_6_on(
    text: str, simple: Row, smart: Row | None
) -> None:
    assert placed(text, SMART) == (smart or simple)


def test_a_float_is_a_decimal_from_19_characters_on_where_the_parser_is_json_smart() -> None:
    tokens = (b"1.0000000000000001", b"-1.0000000000000001")  # 18 and 19 characters
    assert [java_hash(decode(token, Dialect(smart=False)), SIMPLE) for token in tokens] == [
        1072693248,
        -1074790400,
    ]
    assert [java_hash(decode(token), SMART) for token in tokens] == [1072693248, -230462081]


def test_nan_is_a_float_from_2_6_on_and_a_double_before() -> None:
    assert [java_hash(math.nan, SIMPLE), java_hash(math.nan, SMART)] == [2146959360, 2143289344]


def test_the_hash_of_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="a set is not a JSON value"):
        java_hash([{1, 2}], SMART)


def test_values_nested_beyond_the_stack_are_refused_with_one_line() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(ValueError, match=r"^values nested too deeply to hash[^\n]*$"):
        fields_hash(nested, SMART)


@pytest.mark.parametrize(
    "literal", ["1.00000000000000e2147483648", "1.5000000000000e-2147483647", "1.0e99999999999999"]
)
def test_a_float_whose_exponent_java_cannot_hold_is_a_number_format_exception(
    literal: str,
) -> None:
    with pytest.raises(ValueError, match=r"^java\.lang\.NumberFormatException: exponent of 1"):
        java_hash(LongFloat(literal), SMART)


def test_the_size_of_an_exponent_costs_nothing() -> None:
    assert java_hash(LongFloat("1.0e0000000002147483647"), SMART) == 31 * 10 + 1 - 2147483647


# -- known vectors -------------------------------------------------------------------------------------------------

MURMUR = [  # MurmurHash3 x64 128 as Guava's own tests have it: (text, seed, first half)
    ("", 0, 0x0),
    ("hell", 0, 0x629942693E10F867),
    ("hello", 0, 0xCBD8A7B341BD9B02),
    ("hello", 1, 0xA78DDFF5ADAE8D10),
    ("hello ", 2, 0x8A486B23F422E826),
    ("hello w", 3, 0x2EA59F466F6BED8C),
    ("hello wo", 4, 0x79F6305A386C572C),
    ("hello wor", 5, 0xC2219D213EC1F1B5),
    ("The quick brown fox jumps over the lazy dog", 0, 0xE34BBC7BBC071B6C),
    ("The quick brown fox jumps over the lazy cog", 0, 0x658CA970FF85269A),
]


@pytest.mark.parametrize(("text", "seed", "half"), MURMUR)
def test_murmur_agrees_with_the_vectors_of_guava(text: str, seed: int, half: int) -> None:
    hashed = murmur3_128(text.encode(), seed)
    assert -(1 << 63) <= hashed < 1 << 63
    assert hashed % (1 << 64) == half


def test_a_map_is_as_large_as_the_way_it_was_made() -> None:
    sizes = [(n, grown(n), copied(n), received(n)) for n in (0, 1, 2, 3, 5, 6, 11, 12, 13, 24, 25)]
    assert sizes == [
        (0, 16, 1, 1),
        (1, 16, 2, 2),
        (2, 16, 4, 4),
        (3, 16, 8, 8),
        (5, 16, 8, 16),
        (6, 16, 16, 16),
        (11, 16, 16, 32),
        (12, 16, 32, 32),
        (13, 32, 32, 32),
        (24, 32, 64, 64),
        (25, 64, 64, 64),
    ]


FANNED_OUT = ["z", "alert-bolt", "count-bolt", "log-bolt"]


def served(bolts: Sequence[str], subscribers: Sequence[str], storm: str) -> list[str]:
    """The order in which a Storm serves these of the bolts of a file."""
    everybody = all_components(bolts, ["spout", "__acker", "__system"], profile(storm))
    return outbound_order(subscribers, everybody, profile(storm))


def test_subscribers_are_served_as_a_storm_2_served_them() -> None:
    # A real 2.8.3 answered [6,4,8,2,3]: log-bolt, count-bolt, z and both tasks of alert-bolt.
    order = served(FANNED_OUT, FANNED_OUT, "2.8.3")
    assert order == ["log-bolt", "count-bolt", "z", "alert-bolt"]


def test_subscribers_that_share_a_bucket_are_served_in_the_order_of_the_file() -> None:
    # "Aa" and "BB" have one hash, so only the order in which they came decides.
    assert [
        served(bolts, ["Aa", "BB"], "2.8.3") for bolts in (["BB", "Aa", "x"], ["Aa", "x", "BB"])
    ] == [["BB", "Aa"], ["Aa", "BB"]]


def test_every_subscriber_is_served_once() -> None:
    assert served(["z", "log-bolt"], ["z", "log-bolt", "z"], "0.9.5") == ["log-bolt", "z"]


THIRTEEN = [
    "a",
    "b",
    "Aa",
    "BB",
    "alpha",
    "omega-bolt",
    "count",
    "writer",
    "x_y",
    "log",
    "7",
    "zz-top",
    "m.n",
]


def test_a_map_of_a_file_is_walked_as_clojure_walks_it() -> None:
    # What (keys {"a" 1 "b" 1 ...}) said on real ones: Clojure 1.5.1, and 1.6.0 and 1.7.0.
    old, new = (" ".join(clojure_order(THIRTEEN, profile(storm))) for storm in ("0.9.4", "0.10.2"))
    assert old == "Aa BB a omega-bolt b log zz-top m.n count x_y writer 7 alpha"
    assert new == "count zz-top log 7 a writer Aa BB b alpha x_y omega-bolt m.n"
    assert clojure_order(THIRTEEN[:8], profile("0.10.2")) == THIRTEEN[:8]


# -- a real JDK ----------------------------------------------------------------------------------------------------


class Witness:
    """A JVM that answers tests/java/JavaHash.java's questions, one line each."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, *question: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        print(*question, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, f"the JVM died of {question}"
        return answer.rstrip("\n")


@pytest.fixture(scope="module")
def java() -> Iterator[Witness]:
    source = Path(__file__).parent / "java" / "JavaHash.java"
    with subprocess.Popen(
        ["java", str(source)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Witness(process)


def spelt(value: object, storm: Profile) -> str:
    """A value as JavaHash reads it, with the Java type that this Storm's parser would choose."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return spelt_text(value)
    if isinstance(value, int):
        return spelt_integer(value, storm)
    if isinstance(value, float):
        return spelt_float(value, storm)
    if isinstance(value, dict):
        entries = (f"{spelt(key, storm)} {spelt(item, storm)}" for key, item in value.items())
        return " ".join(["{", *entries, "}"])
    assert isinstance(value, list)
    return " ".join(["[", *(spelt(item, storm) for item in value), "]"])


def spelt_text(text: str) -> str:
    return "s" + text.encode("utf-16-be", "surrogatepass").hex()


def spelt_integer(value: int, storm: Profile) -> str:
    if storm.small_integers and -(2**31) <= value < 2**31:
        return f"i{value}"
    return f"l{value}" if -(2**63) <= value < 2**63 else f"g{value}"


def spelt_float(value: float, storm: Profile) -> str:
    if storm.long_floats_are_decimal and isinstance(value, LongFloat):
        return f"b{value.literal}"
    if math.isnan(value):
        return "NaN" if storm.long_floats_are_decimal else "dNaN"
    return "d" + repr(float(value)).replace("inf", "Infinity")


# Surrogates on their own are legal in JSON and in Java, so they are among the characters.
texts = st.text() | st.text(
    st.characters(min_codepoint=0xD700, max_codepoint=0x10400), max_size=200
)
integers = (
    st.integers()
    | st.integers(-(2**33), 2**33)
    | st.integers(-(2**65), 2**65)
    | st.sampled_from([s * 2**p + d for p in (31, 32, 63, 64) for s in (1, -1) for d in (-1, 0, 1)])
)
long_floats = (
    st.from_regex(r"-?(0|[1-9][0-9]{0,30})\.[0-9]{1,40}([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    .filter(lambda literal: len(literal) > 18)
    .map(LongFloat)
)
leaves = st.none() | st.booleans() | texts | integers | st.floats() | long_floats
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=30,
)
asked_often = settings(max_examples=400, deadline=None)


@pytest.mark.slow
@pytest.mark.needs_java
@pytest.mark.parametrize("storm", [SIMPLE, SMART], ids=["simple", "smart"])
@asked_often
@given(tuple_values=st.lists(values, max_size=6))
def test_a_jdk_hashes_every_tuple_alike(
    java: Witness, storm: Profile, tuple_values: list[object]
) -> None:
    hashed = fields_hash(tuple_values, storm)
    assert java("hash", spelt(tuple_values, storm)) == f"{hashed} {hashed}"


@pytest.mark.slow
@pytest.mark.needs_java
@pytest.mark.parametrize("storm", [SIMPLE, SMART], ids=["simple", "smart"])
@asked_often
@given(value=leaves | st.dictionaries(texts, leaves))
def test_a_jdk_hashes_every_single_value_alike(
    java: Witness, storm: Profile, value: object
) -> None:
    assert java("hash", spelt(value, storm)) == str(java_hash(value, storm))


@pytest.mark.slow
@pytest.mark.needs_java
@given(
    mantissa=st.from_regex(r"-?[0-9]{1,20}\.[0-9]{1,20}", fullmatch=True),
    exponent=st.integers(-(2**31) - 50, -(2**31) + 50)
    | st.integers(2**31 - 50, 2**31 + 50)
    | st.integers(),
    zeros=st.integers(0, 20),
)
@asked_often
def test_a_jdk_refuses_the_same_exponents(
    java: Witness, mantissa: str, exponent: int, zeros: int
) -> None:
    sign = "-" if exponent < 0 else ""
    literal = f"{mantissa}e{sign}{'0' * zeros}{abs(exponent)}"
    try:
        ours = str(java_hash(LongFloat(literal), SMART))
    except ValueError as error:
        ours = str(error).partition(":")[0]
    assert java("hash", f"b{literal}") == ours


names = st.from_regex(r"[A-Za-z_]{1,6}(-bolt|-spout|\.[0-9]|é|😀)?", fullmatch=True)


@pytest.mark.slow
@pytest.mark.needs_java
@pytest.mark.parametrize(
    ("way", "capacity"), [("grown", grown), ("copied", copied), ("received", received)]
)
@given(keys=st.lists(names, unique=True, max_size=60))
@asked_often
def test_a_jdk_walks_its_maps_in_the_same_order(
    java: Witness, way: str, capacity: Callable[[int], int], keys: list[str]
) -> None:
    assume(not crowded(keys))
    order = map_order(keys, capacity)
    assert java("order", way, *map(spelt_text, keys)) == " ".join(map(spelt_text, order))


def crowded(keys: Sequence[str]) -> bool:
    """Whether a bucket could hold nine keys, the case that map_order leaves out."""
    low = Counter((hashed ^ hashed >> 16) & 15 for hashed in map(java_string_hash, keys))
    return len(keys) < 64 and max(low.values(), default=0) > 8


@pytest.mark.slow
@pytest.mark.needs_java
@pytest.mark.parametrize("storm", [profile("1.2.4"), profile("2.8.3")], ids=["copied", "grown"])
@given(everybody=st.lists(names, unique=True, min_size=1, max_size=12), data=st.data())
@asked_often
def test_a_jdk_walks_subscribers_in_the_same_order(
    java: Witness, storm: Profile, everybody: list[str], data: st.DataObject
) -> None:
    assume(not crowded(everybody))
    subscribers = data.draw(st.lists(st.sampled_from(everybody), unique=True))
    walked_by_us = all_components(everybody, [], storm)
    ours = outbound_order(subscribers, walked_by_us, storm)

    def walk(way: str, keys: Sequence[str]) -> list[str]:
        answer = java("order", way, *keys)
        return answer.split(" ") if keys else []

    def by_clojure(spelt: Sequence[str]) -> list[str]:
        read = {spelt_text(name): name for name in everybody}
        return [spelt_text(name) for name in clojure_order([read[each] for each in spelt], storm)]

    in_the_file = by_clojure([spelt_text(name) for name in everybody])
    walked = walk("grown", walk("received", walk("grown", in_the_file)))
    subscribe = set(map(spelt_text, subscribers))
    targets = walk("grown", [name for name in walked if name in subscribe])
    assert list(map(spelt_text, ours)) == (
        walk("copied", by_clojure(targets)) if storm.java_map == "copied" else targets
    )


@pytest.mark.slow
@pytest.mark.needs_java
@given(data=st.binary(max_size=200), bound=st.integers(1, 2**31 - 1) | st.integers(1, 20))
@asked_often
def test_a_jdk_draws_the_same_numbers(java: Witness, data: bytes, bound: int) -> None:
    seed = bytes_hash(data)
    draw = java_random(seed)
    assert java("draw", str(bound), "s" + data.hex()) == f"{seed} {draw(bound)} {draw(bound)}"

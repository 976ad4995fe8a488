"""Numbers that Java computes: hash codes, map orders and draws that decide where tuples go.

Storm places a tuple by ``hashCode`` of the objects its JSON library made of the component's JSON,
walks subscribers in the order of a ``java.util.HashMap``, and seeds ``java.util.Random`` for
partial keys. All of it is arithmetic and is done here to the bit; tests compare it with a real JDK.
Values are JSON values as Python has them; only a ``LongFloat`` remembers how a float was written, a
plain float is a Double.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import mul

from simulator.model.profiles import Profile
from simulator.wire import LongFloat

__all__ = [
    "all_components",
    "big_integer_hash",
    "bytes_hash",
    "clojure_order",
    "copied",
    "fields_hash",
    "grown",
    "java_hash",
    "java_random",
    "java_string_hash",
    "map_order",
    "murmur3_128",
    "outbound_order",
    "received",
    "target_order",
]

_INT = 0xFFFFFFFF
_LONG = 0xFFFFFFFFFFFFFFFF
_FLOAT_NAN = 0x7FC00000  # Float.floatToIntBits(NaN): json-smart reads NaN as a Float
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_CHUNK = 64  # code units hashed in one go: the products stay small integers
_POWERS = [pow(31, exponent, 1 << 32) for exponent in range(_CHUNK, -1, -1)]
_ARRAY_MAP = 8  # entries, of Clojure's maps that keep their order
_SHORT = 64  # longer strings seldom come back, and a cache of them would have no bound in bytes


def java_hash(value: object, profile: Profile) -> int:
    """``hashCode`` of the object that Storm's JSON library makes of ``value``.

    Raises:
        TypeError: the value is none that JSON has.
        ValueError: a float's exponent is beyond what Java's BigDecimal reads.
    """
    if isinstance(value, str):
        return java_string_hash(value)
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1231 if value else 1237
    if isinstance(value, int):
        return _integer_hash(value, profile)
    if isinstance(value, float):
        return _float_hash(value, profile)
    if isinstance(value, (list, tuple)):
        return _list_hash(value, profile)
    if isinstance(value, dict):
        entries = (
            java_hash(key, profile) ^ java_hash(item, profile) for key, item in value.items()
        )
        return _signed(sum(entries))
    raise TypeError(f"a {type(value).__name__} is no JSON value and has no hash in Java")


def fields_hash(values: Sequence[object], profile: Profile) -> int:
    """The hash by which a fields grouping places values (``Arrays.deepHashCode`` of the list).

    Raises:
        ValueError: nested too deeply to walk, or holding a float that Java cannot read.
    """
    try:
        return _list_hash(values, profile)
    except RecursionError:
        raise ValueError("values nested too deeply to hash; Storm's worker may overflow") from None


def java_string_hash(text: str) -> int:
    """``String.hashCode``: over UTF-16 code units, so a character beyond the BMP counts as two."""
    return _short_string_hash(text) if len(text) <= _SHORT else _string_hash(text)


def bytes_hash(data: bytes) -> int:
    """``Arrays.hashCode(byte[])``; Java's bytes are signed."""
    return _signed(_horner(1, memoryview(data).cast("b")))


def big_integer_hash(value: int) -> int:
    """``BigInteger.hashCode``: 32-bit words of the magnitude, the highest first, times the sign."""
    magnitude = abs(value)
    size = (magnitude.bit_length() + 31) // 32
    words = struct.unpack(f">{size}I", magnitude.to_bytes(size * 4, "big"))
    hashed = _horner(0, words)
    return _signed(-hashed if value < 0 else hashed)


def all_components(bolts: Iterable[str], others: Iterable[str], profile: Profile) -> list[str]:
    """All component ids as Storm walks them (``GeneralTopologyContext.getComponentIds``, a HashSet).

    ``bolts`` are those of the file, in its order; it decides between ids that share a bucket. ``others`` are spouts and
    system components, among which no stream of a component has a subscriber.
    """
    # The file's map, TopologyBuilder's, and the one that a worker reads from Thrift.
    received_bolts = map_order(map_order(clojure_order(bolts, profile)), received)
    return map_order(dict.fromkeys([*received_bolts, *others]))


def target_order(ids: Iterable[str], everybody: Iterable[str]) -> list[str]:
    """The order in which Storm tells of the components that subscribe to one stream; ``everybody`` is all_components().

    ``GeneralTopologyContext.getTargets`` walks all components and fills a map.
    """
    wanted = set(ids)
    return map_order([name for name in everybody if name in wanted])


def outbound_order(ids: Iterable[str], everybody: Iterable[str], profile: Profile) -> list[str]:
    """The order in which Storm serves the components that subscribe to one stream.

    It is that of ``target_order``; up to 1.x executor.clj (outbound-groupings) takes it through a map of Clojure's and
    copies that, ``(HashMap. m)``, sized at once by its entries.
    """
    targets = target_order(ids, everybody)
    if profile.java_map == "copied":
        return map_order(clojure_order(targets, profile), copied)
    return targets


def clojure_order(keys: Iterable[str], profile: Profile) -> list[str]:
    """The keys of a map as Clojure walks it: up to eight as they came, more by their hashes.

    PersistentArrayMap and PersistentHashMap: a tree that takes five bits of the hash at each level, the lowest first.
    """
    listed = list(dict.fromkeys(keys))
    if len(listed) <= _ARRAY_MAP:
        return listed
    hash_of = _murmured_string if profile.clojure_hash == "murmur" else java_string_hash
    return sorted(listed, key=lambda key: [hash_of(key) >> bits & 31 for bits in range(0, 32, 5)])


def grown(entries: int) -> int:
    """Buckets of a HashMap that was filled: 16, doubled whenever three quarters are used."""
    capacity = 16
    while entries > capacity * 3 // 4:
        capacity *= 2
    return capacity


def copied(entries: int) -> int:
    """Buckets of ``new HashMap(map)``: a power of two for ``n / 0.75 + 1`` (JDK 8 to 18)."""
    return _power_of_two(entries * 4 // 3 + 1)


def received(entries: int) -> int:
    """Buckets of a map that Thrift read: ``new HashMap(2 * n)``."""
    return _power_of_two(2 * entries)


def map_order(names: Iterable[str], capacity: Callable[[int], int] = grown) -> list[str]:
    """Keys as a HashMap walks them: by bucket, and within one as they came (sorting is stable).

    Not reproduced: nine keys in one bucket make Java grow the map early, or keep them as a tree.
    """
    listed = list(names)
    mask = capacity(len(listed)) - 1
    return sorted(listed, key=lambda name: _spread(name) & mask)


def java_random(seed: int) -> Callable[[int], int]:
    """``new java.util.Random(seed).nextInt``: the drawing function, given a bound."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next_int(bound: int) -> int:
        nonlocal state
        while True:
            state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
            bits = state >> 17
            if bound & (bound - 1) == 0:
                return (bound * bits) >> 31
            if (
                bits - bits % bound + bound - 1 < 1 << 31
            ):  # else Java's int overflows, and it draws again
                return bits % bound

    return next_int


def murmur3_128(data: bytes, seed: int) -> int:
    """The first half, signed, of MurmurHash3 x64 128: Guava's ``murmur3_128(seed)``, ``asLong``."""
    first = second = seed
    whole = len(data) - len(data) % 16
    for one, two in struct.iter_unpack("<QQ", data[:whole]):
        first ^= _mixed(one, 0x87C37B91114253D5, 31, 0x4CF5AD432745937F)
        first = (_rotated(first, 27) + second) * 5 + 0x52DCE729 & _LONG
        second ^= _mixed(two, 0x4CF5AD432745937F, 33, 0x87C37B91114253D5)
        second = (_rotated(second, 31) + first) * 5 + 0x38495AB5 & _LONG
    one, two = struct.unpack("<QQ", data[whole:].ljust(16, b"\0"))
    first ^= _mixed(one, 0x87C37B91114253D5, 31, 0x4CF5AD432745937F) ^ len(data)
    second ^= _mixed(two, 0x4CF5AD432745937F, 33, 0x87C37B91114253D5) ^ len(data)
    first = first + second & _LONG
    second = second + first & _LONG
    total = _finished(first) + _finished(second) & _LONG
    return total - (1 << 64) if total >> 63 else total


# -- values ----------------------------------------------------------------------------------------


def _integer_hash(value: int, profile: Profile) -> int:
    if profile.small_integers and -(1 << 31) <= value < 1 << 31:
        return value  # Integer
    if -(1 << 63) <= value < 1 << 63:
        return _folded(value & _LONG)  # Long
    return big_integer_hash(value)


def _float_hash(value: float, profile: Profile) -> int:
    if profile.long_floats_are_decimal:
        if isinstance(value, LongFloat):
            return _big_decimal_hash(value.literal)
        if math.isnan(value):
            return _FLOAT_NAN
    if math.isnan(value):
        value = math.nan  # doubleToLongBits has one NaN
    bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    return _folded(bits)


def _big_decimal_hash(literal: str) -> int:
    mantissa, _, exponent = literal.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    # Only the digits that are written become a number, so 1e999999999 costs nothing; int(str)
    # refuses more than 4300 digits, a Decimal does not.
    unscaled = int(Decimal(whole + fraction))
    power = int(exponent.lstrip("+-0")[:11] or "0")  # eleven digits are out of range anyway
    scale = len(fraction) + (power if exponent.startswith("-") else -power)
    if power >= 1 << 31 or not -(1 << 31) <= scale < 1 << 31:
        raise ValueError(
            f"java.lang.NumberFormatException: exponent of {literal[:40]} out of range"
        )
    return _signed(31 * big_integer_hash(unscaled) + scale)


def _list_hash(values: Sequence[object], profile: Profile) -> int:
    hashed = 1
    for value in values:
        hashed = (31 * hashed + java_hash(value, profile)) & _INT
    return _signed(hashed)


def _string_hash(text: str) -> int:
    if text.isascii():
        return _signed(_horner(0, text.encode()))
    # Lone surrogates are legal in JSON (\ud83d) and in Java's strings.
    return _signed(_horner(0, memoryview(text.encode(_UTF16, "surrogatepass")).cast("H")))


_short_string_hash = lru_cache(maxsize=4096)(_string_hash)


def _horner(start: int, numbers: Sequence[int]) -> int:
    """31-polynomial of the numbers in 32 bits, a chunk at a time: so the loop runs in C."""
    hashed = start
    for at in range(0, len(numbers), _CHUNK):
        chunk = numbers[at : at + _CHUNK]
        powers = _POWERS[-len(chunk) - 1 :]
        hashed = (hashed * powers[0] + sum(map(mul, chunk, powers[1:]))) & _INT
    return hashed


def _signed(number: int) -> int:
    number &= _INT
    return number - (1 << 32) if number >> 31 else number


def _folded(bits: int) -> int:
    return _signed(bits ^ bits >> 32)


# -- maps ------------------------------------------------------------------------------------------


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()


def _spread(name: str) -> int:
    hashed = java_string_hash(name) & _INT
    return hashed ^ hashed >> 16


# -- murmur ----------------------------------------------------------------------------------------


def _murmured_string(text: str) -> int:
    """``clojure.lang.Util.hasheq`` of a string since Clojure 1.6: Murmur3.hashInt of its hashCode, unsigned."""
    word = java_string_hash(text) & _INT
    if not word:
        return 0
    mixed = _rotated_int(word * 0xCC9E2D51 & _INT, 15) * 0x1B873593 & _INT
    hashed = (_rotated_int(mixed, 13) * 5 + 0xE6546B64 & _INT) ^ 4  # bytes
    hashed = (hashed ^ hashed >> 16) * 0x85EBCA6B & _INT
    hashed = (hashed ^ hashed >> 13) * 0xC2B2AE35 & _INT
    return hashed ^ hashed >> 16


def _rotated_int(word: int, turn: int) -> int:
    return (word << turn | word >> 32 - turn) & _INT


def _mixed(word: int, before: int, turn: int, after: int) -> int:
    return _rotated(word * before & _LONG, turn) * after & _LONG


def _rotated(word: int, turn: int) -> int:
    return (word << turn | word >> 64 - turn) & _LONG


def _finished(word: int) -> int:
    word = (word ^ word >> 33) * 0xFF51AFD7ED558CCD & _LONG
    word = (word ^ word >> 33) * 0xC4CEB9FE1A85EC53 & _LONG
    return word ^ word >> 33

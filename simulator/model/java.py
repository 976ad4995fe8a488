"""Java's hash codes, map orders and random numbers, which decide where tuples go.

Storm places a tuple by the ``hashCode`` of the objects that its JSON library makes of the component's JSON, iterates
over subscribers in the order of a ``java.util.HashMap``, and seeds ``java.util.Random`` for partial keys. The results
here are equal to Java's to the bit; tests compare them with a real JDK. Values are JSON values as Python has them. A
``LongFloat`` keeps the literal of a float; a plain float is a Double.
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
    "submitted_order",
    "target_order",
]

_INT = 0xFFFFFFFF
_LONG = 0xFFFFFFFFFFFFFFFF
_FLOAT_NAN = 0x7FC00000  # Float.floatToIntBits(NaN): json-smart reads NaN as a Float
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_CHUNK = 64  # code units hashed at once: the products stay small integers
_POWERS = [pow(31, exponent, 1 << 32) for exponent in range(_CHUNK, -1, -1)]
_ARRAY_MAP = 8  # the most entries of a Clojure map that keeps their order
_SHORT = 64  # longer strings seldom recur, and a cache of them has no limit in bytes


def java_hash(value: object, profile: Profile) -> int:
    """Return the ``hashCode`` of the object that Storm's JSON library makes of a value.

    Args:
        value: a JSON value.
        profile: the version of Storm, which decides the classes of numbers.

    Raises:
        TypeError: JSON has no such value.
        ValueError: the exponent of a float is too large for Java's BigDecimal.
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
    raise TypeError(f"a {type(value).__name__} is not a JSON value and has no hash in Java")


def fields_hash(values: Sequence[object], profile: Profile) -> int:
    """Return the hash by which a fields grouping places values: ``Arrays.deepHashCode`` of the list.

    Args:
        values: the values of the grouping's fields.
        profile: the version of Storm.

    Raises:
        ValueError: the values are nested too deeply, or hold a float that Java cannot read.
    """
    try:
        return _list_hash(values, profile)
    except RecursionError:
        raise ValueError("values nested too deeply to hash; Storm's worker may overflow") from None


def java_string_hash(text: str) -> int:
    """Return ``String.hashCode``, over UTF-16 code units: a character beyond the BMP counts as two."""
    return _short_string_hash(text) if len(text) <= _SHORT else _string_hash(text)


def bytes_hash(data: bytes) -> int:
    """Return ``Arrays.hashCode(byte[])``; Java's bytes are signed."""
    return _signed(_horner(1, memoryview(data).cast("b")))


def big_integer_hash(value: int) -> int:
    """Return ``BigInteger.hashCode``: 32-bit words of the magnitude, the highest first, times the sign."""
    magnitude = abs(value)
    size = (magnitude.bit_length() + 31) // 32
    words = struct.unpack(f">{size}I", magnitude.to_bytes(size * 4, "big"))
    hashed = _horner(0, words)
    return _signed(-hashed if value < 0 else hashed)


def all_components(bolts: Iterable[str], others: Iterable[str], profile: Profile) -> list[str]:
    """Return all component ids in the order of ``GeneralTopologyContext.getComponentIds``, a HashSet.

    Args:
        bolts: the bolts in the order of the file, which decides between ids that share a bucket.
        others: spouts and system components; these subscribe to no stream of a component.
        profile: the version of Storm.
    """
    # Through the file's map, TopologyBuilder's, and the one that a worker reads from Thrift.
    received_bolts = map_order(submitted_order(bolts, profile), received)
    return map_order(dict.fromkeys([*received_bolts, *others]))


def submitted_order(ids: Iterable[str], profile: Profile) -> list[str]:
    """Return the spouts, or the bolts, in the order in which Storm's Clojure DSL submits them.

    They come through Clojure's map of the file and then the HashMap of TopologyBuilder.

    Args:
        ids: in the order of the file.
        profile: the version of Storm.
    """
    return map_order(clojure_order(ids, profile))


def target_order(ids: Iterable[str], everybody: Iterable[str]) -> list[str]:
    """Return the subscribers of a stream in the order in which a handshake lists them.

    ``GeneralTopologyContext.getTargets`` iterates over all components and fills a map.

    Args:
        ids: the subscribers.
        everybody: all components, as ``all_components`` returns them.
    """
    wanted = set(ids)
    return map_order([name for name in everybody if name in wanted])


def outbound_order(ids: Iterable[str], everybody: Iterable[str], profile: Profile) -> list[str]:
    """Return the subscribers of a stream in the order in which Storm sends them its tuples.

    It is the order of ``target_order``. Up to 1.x, ``outbound-groupings`` of executor.clj puts that into a Clojure map
    and copies it, ``(HashMap. m)``, with a capacity that depends on the number of entries.

    Args:
        ids: the subscribers.
        everybody: all components, as ``all_components`` returns them.
        profile: the version of Storm.
    """
    targets = target_order(ids, everybody)
    if profile.java_map == "copied":
        return map_order(clojure_order(targets, profile), copied)
    return targets


def clojure_order(keys: Iterable[str], profile: Profile) -> list[str]:
    """Return the keys of a map in Clojure's order: up to eight as they were added, more by their hashes.

    These are PersistentArrayMap and PersistentHashMap, a tree that uses five bits of the hash at each level, the lowest
    bits first.
    """
    listed = list(dict.fromkeys(keys))
    if len(listed) <= _ARRAY_MAP:
        return listed
    hash_of = _murmured_string if profile.clojure_hash == "murmur" else java_string_hash
    return sorted(listed, key=lambda key: [hash_of(key) >> bits & 31 for bits in range(0, 32, 5)])


def grown(entries: int) -> int:
    """Return the number of buckets of a filled HashMap: 16, doubled whenever three quarters are used."""
    capacity = 16
    while entries > capacity * 3 // 4:
        capacity *= 2
    return capacity


def copied(entries: int) -> int:
    """Return the number of buckets of ``new HashMap(map)``: a power of two for ``n / 0.75 + 1`` (JDK 8 to 18)."""
    return _power_of_two(entries * 4 // 3 + 1)


def received(entries: int) -> int:
    """Return the number of buckets of a map that Thrift has read: ``new HashMap(2 * n)``."""
    return _power_of_two(2 * entries)


def map_order(names: Iterable[str], capacity: Callable[[int], int] = grown) -> list[str]:
    """Return keys in the order of a HashMap: by bucket, and in a bucket as they were added.

    Not reproduced: with nine keys in one bucket, Java grows the map early, or keeps these keys as a tree.

    Args:
        names: the keys in the order in which they are added.
        capacity: returns the number of buckets for a number of entries.
    """
    listed = list(names)
    mask = capacity(len(listed)) - 1
    return sorted(listed, key=lambda name: _spread(name) & mask)


def java_random(seed: int) -> Callable[[int], int]:
    """Return ``new java.util.Random(seed).nextInt``: a function of the bound, which is exclusive."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next_int(bound: int) -> int:
        nonlocal state
        while True:
            state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
            bits = state >> 17
            if bound & (bound - 1) == 0:
                return (bound * bits) >> 31
            # Otherwise Java's int overflows, and it draws again.
            if bits - bits % bound + bound - 1 < 1 << 31:
                return bits % bound

    return next_int


def murmur3_128(data: bytes, seed: int) -> int:
    """Return the first half, signed, of MurmurHash3 x64 128: Guava's ``murmur3_128(seed)``, ``asLong``."""
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
    # Only the written digits become a number, so 1e999999999 is cheap. Decimal, unlike int(str), takes more than
    # 4300 digits.
    unscaled = int(Decimal(whole + fraction))
    power = int(exponent.lstrip("+-0")[:11] or "0")  # eleven digits are out of range
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
    """Return the 31-polynomial of the numbers in 32 bits, computed in chunks so that the loop runs in C."""
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
    """Return ``clojure.lang.Util.hasheq`` of a string, unsigned: Murmur3.hashInt of its hashCode, since Clojure 1.6."""
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

"""The functions of ``clojure.core`` that topology files use, as Clojure computes them.

Sixty-four bits are all a whole number has, 1 is not 1.0, and a ratio is refused, since JSON has none.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, Final

from simulator.clj.edn import Keyword
from simulator.clj.evaluator import (
    ABSENT,
    BROKEN,
    MOST_WEIGHT,
    Call,
    Known,
    Map,
    Vector,
    has_poison,
    is_key,
    is_true,
    named,
)
from simulator.model import shown
from simulator.wire import storm_json

__all__ = ["CORE", "text_of"]


def _get(call: Call) -> object:
    holder, key = call.arguments[0], call.arguments[1]
    default = call.arguments[2] if len(call.arguments) > 2 else None
    if isinstance(holder, Map):
        return holder.look_up(key, default)
    if isinstance(holder, Vector) and isinstance(key, int):
        return holder[key] if 0 <= key < len(holder) else default
    return default


def _get_in(call: Call) -> object:
    found = call.arguments[0]
    default = call.arguments[2] if len(call.arguments) > 2 else None
    for key in call.file.elements(call.arguments[1], call.at(1)):
        found = _get(Call(call.file, call.node, "get", [found, key, ABSENT]))
        if found is ABSENT:
            return default
    return found


def text_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (bool, float)):
        return storm_json(value)  # as Java prints it
    return str(value)


def _str(call: Call) -> object:
    for place, value in enumerate(call.arguments):
        if not (value is None or isinstance(value, (str, int, float, Keyword))):
            raise call.refusal(
                place,
                f"the text of {named(value)} is not made here",
                "strings, numbers and keywords would do",
            )
    text = "".join(map(text_of, call.arguments))
    if len(text) > MOST_WEIGHT:
        raise call.refusal(
            0, f"a string of more than {MOST_WEIGHT} characters", "a topology needs far less"
        )
    return text


def _merge(call: Call) -> object:
    maps = [_map_at(call, place) for place in range(len(call.arguments))]
    return call.file.map([], call.node.at, like=[each for each in maps if each is not None])


def _map_at(call: Call, place: int) -> Map | None:
    value = call.arguments[place]
    if value is not None and not isinstance(value, Map):
        raise call.refusal(place, f"{named(value)} is not a map", "{key value} would do")
    return value


def _put(call: Call, holder: Map | None, entries: Sequence[tuple[object, object, int, int]]) -> Map:
    made = call.file.map([], call.node.at, like=[] if holder is None else [holder])
    for key, value, key_at, value_at in entries:
        made[call.file.key(key, key_at)] = value
        made.keys_at[key], made.values_at[key] = key_at, value_at
    return call.file.weighed(made, made.values(), call.node.at)


def _pairs(call: Call, start: int) -> list[tuple[object, object, int, int]]:
    arguments = call.arguments
    if (len(arguments) - start) % 2:
        storm = f"No value supplied for key: {named(arguments[-1])}"
        raise call.refusal(
            len(arguments) - 1,
            f"{named(arguments[-1])} has no value",
            "pairs of a key and a value would do",
            storm,
        )
    places = range(start, len(arguments), 2)
    return [
        (arguments[place], arguments[place + 1], call.at(place), call.at(place + 1))
        for place in places
    ]


def _assoc(call: Call) -> object:
    return _put(call, _map_at(call, 0), _pairs(call, 1))


def _dissoc(call: Call) -> object:
    holder = _map_at(call, 0)
    if holder is None:
        return None
    kept = [
        key for key in holder if key not in [each for each in call.arguments[1:] if is_key(each)]
    ]
    return _put(
        call, None, [(key, holder[key], holder.keys_at[key], holder.values_at[key]) for key in kept]
    )


def _hash_map(call: Call) -> object:
    return _put(call, None, _pairs(call, 0))


def _conj(call: Call) -> object:
    added = list(call.arguments[1:])
    places = [call.at(place) for place in range(1, len(call.arguments))]
    return _poured(call, call.arguments[0], added, places)


def _into(call: Call) -> object:
    source = call.arguments[1]
    added = call.file.elements(source, call.at(1))
    places = source.places if isinstance(source, Vector) else [call.at(1)] * len(added)
    return _poured(call, call.arguments[0], added, places)


def _poured(call: Call, holder: object, added: Sequence[object], places: Sequence[int]) -> object:
    if holder is None or isinstance(holder, Vector):
        old = holder if isinstance(holder, Vector) else ()
        old_places = holder.places if isinstance(holder, Vector) else ()
        return call.file.sequence([*old, *added], call.node.at, [*old_places, *places])
    if not isinstance(holder, Map):
        raise call.refusal(
            0, f"nothing can be added to {named(holder)}", "a vector or a map would do"
        )
    entries: list[tuple[object, object, int, int]] = []
    is_whole = True
    for each, at in zip(added, places, strict=False):
        if isinstance(each, Map):
            entries += [(key, each[key], each.keys_at[key], each.values_at[key]) for key in each]
        elif isinstance(each, Vector) and len(each) == 2 and each[0] is not BROKEN:
            entries.append((each[0], each[1], each.places[0], each.places[1]))
        elif has_poison(each):
            is_whole = False
        else:
            raise call.file.refusal(
                at, f"{call.name}: {named(each)} is no entry of a map", "[key value] would do"
            )
    made = _put(call, holder, entries)
    made.is_whole = made.is_whole and is_whole
    return made


def _vector(call: Call) -> object:
    places = [call.at(place) for place in range(len(call.arguments))]
    return call.file.sequence(call.arguments, call.node.at, places)


def _concat(call: Call) -> object:
    values: list[object] = []
    places: list[int] = []
    for place, value in enumerate(call.arguments):
        elements = call.file.elements(value, call.at(place))
        values += elements
        places += value.places if isinstance(value, Vector) else [call.at(place)] * len(elements)
    return call.file.sequence(values, call.node.at, places)


def _range(call: Call) -> object:
    numbers = [call.number(place) for place in range(len(call.arguments))]
    start, stop, step = [(0, *numbers, 1), (*numbers, 1), tuple(numbers)][len(numbers) - 1]
    if not all(isinstance(each, int) for each in (start, stop, step)) or step == 0:
        raise call.refusal(0, "only whole numbers are counted here", "(range 3) would do")
    values = range(start, stop, step)
    if values and (abs(stop - start) // abs(step)) > MOST_WEIGHT:
        raise call.refusal(0, f"more than {MOST_WEIGHT} numbers", "a topology needs far less")
    return call.file.sequence(values, call.node.at, [call.node.at] * len(values))


def _count(call: Call) -> object:
    value = call.arguments[0]
    return len(value) if isinstance(value, str) else len(call.file.elements(value, call.at(0)))


def _nth(call: Call, place: int) -> object:
    elements = call.file.elements(call.arguments[0], call.at(0))
    return elements[place] if -len(elements) <= place < len(elements) else None


def _equal(left: object, right: object) -> bool:
    """Clojure's =: 1 is not 1.0, and true is not 1."""
    if isinstance(left, Vector) and isinstance(right, Vector):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, Map) and isinstance(right, Map):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def _same(call: Call) -> object:
    first, *others = call.arguments
    return all(_equal(first, other) for other in others)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Call], object]:
    def run(call: Call) -> object:
        numbers = [call.number(place) for place in range(len(call.arguments))]
        return all(map(compare, numbers, numbers[1:]))

    return run


def _folded(step: Callable[[Any, Any], Any], alone: Callable[..., Any]) -> Callable[[Call], object]:
    def run(call: Call) -> object:
        numbers = [call.number(place) for place in range(len(call.arguments))]
        return _computed(
            call, lambda: reduce(step, numbers) if len(numbers) > 1 else alone(*numbers)
        )

    return run


def _computed(call: Call, compute: Callable[[], Any]) -> object:
    try:
        result = compute()
    except ZeroDivisionError:
        raise call.refusal(
            0, "a division by zero", "", "ArithmeticException: Divide by zero"
        ) from None
    except (ArithmeticError, ValueError):
        raise call.refusal(0, "no number comes of it", "finite numbers would do") from None
    if isinstance(result, Fraction):
        if result.denominator != 1:
            raise call.refusal(
                0,
                f"the result is the ratio {shown(str(result))}",
                "quot gives a whole number, (/ 1.0 3) a decimal",
            )
        result = int(result)
    if isinstance(result, int) and not -(2**63) <= result < 2**63:
        raise call.refusal(
            0, "the result does not fit 64 bits", "", "ArithmeticException: integer overflow"
        )
    return result


def _divided(left: Any, right: Any) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    return Fraction(left, right)


def _quotient(left: Any, right: Any) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return float(math.trunc(left / right))
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _remainder(left: Any, right: Any) -> Any:
    return left - right * _quotient(left, right)


def _whole(call: Call) -> object:
    value = call.number(0)
    return _computed(call, lambda: math.trunc(value))


def _parsed(bits: int) -> Callable[[Call], object]:
    def run(call: Call) -> object:
        text = call.arguments[0]
        number = (
            int(text) if isinstance(text, str) and re.fullmatch(r"[+-]?[0-9]{1,19}", text) else None
        )
        if number is None or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            storm = f"NumberFormatException: For input string: {named(text)}"
            raise call.refusal(
                0,
                f"{named(text)} is no whole number of {bits} bits",
                'a string such as "2" would do',
                storm,
            )
        return number

    return run


CORE: Final[Mapping[str, Known]] = {
    each.name: each
    for each in (
        Known("get", _get, 2, 3),
        Known("get-in", _get_in, 2, 3),
        Known("str", _str, 0, None),
        Known("merge", _merge, 0, None),
        Known("assoc", _assoc, 3, None),
        Known("dissoc", _dissoc, 1, None),
        Known("conj", _conj, 1, None),
        Known("into", _into, 2, 2),
        Known("vec", _concat, 1, 1),
        Known("vector", _vector, 0, None),
        Known("list", _vector, 0, None),
        Known("concat", _concat, 0, None),
        Known("hash-map", _hash_map, 0, None),
        Known("array-map", _hash_map, 0, None),
        Known("range", _range, 1, 3),
        Known("count", _count, 1, 1),
        Known("first", lambda call: _nth(call, 0), 1, 1),
        Known("second", lambda call: _nth(call, 1), 1, 1),
        Known("last", lambda call: _nth(call, -1), 1, 1),
        Known("not", lambda call: not is_true(call.arguments[0]), 1, 1),
        Known("nil?", lambda call: call.arguments[0] is None, 1, 1),
        Known("some?", lambda call: call.arguments[0] is not None, 1, 1),
        Known("empty?", lambda call: _count(call) == 0, 1, 1),
        Known(
            "contains?",
            lambda call: _get(call._replace(arguments=[*call.arguments, ABSENT])) is not ABSENT,
            2,
            2,
        ),
        Known("=", _same, 1, None),
        Known("not=", lambda call: not _same(call), 1, None),
        Known("<", _ordered(operator.lt), 1, None),
        Known(">", _ordered(operator.gt), 1, None),
        Known("<=", _ordered(operator.le), 1, None),
        Known(">=", _ordered(operator.ge), 1, None),
        Known("+", _folded(operator.add, lambda *n: sum(n)), 0, None),
        Known("*", _folded(operator.mul, lambda *n: math.prod(n)), 0, None),
        Known("-", _folded(operator.sub, operator.neg), 1, None),
        Known("/", _folded(_divided, lambda n: _divided(1, n)), 1, None),
        Known("quot", _folded(_quotient, operator.pos), 2, 2),
        Known("rem", _folded(_remainder, operator.pos), 2, 2),
        Known("mod", _folded(operator.mod, operator.pos), 2, 2),
        Known("max", _folded(max, operator.pos), 1, None),
        Known("min", _folded(min, operator.pos), 1, None),
        Known("inc", _folded(operator.add, lambda n: n + 1), 1, 1),
        Known("dec", _folded(operator.sub, lambda n: n - 1), 1, 1),
        Known("int", _whole, 1, 1),
        Known("long", _whole, 1, 1),
        Known("Integer/parseInt", _parsed(32), 1, 1),
        Known("Long/parseLong", _parsed(64), 1, 1),
    )
}

"""The functions of ``clojure.core`` that topology files use, with Clojure's results.

Whole numbers have 64 bits, 1 does not equal 1.0, and ratios are refused because JSON has none.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, Final, TypeAlias

from simulator.clj.edn import Keyword, Refused
from simulator.clj.evaluator import MOST_WEIGHT, Builtin, Call
from simulator.clj.values import (
    ABSENT,
    Map,
    Vector,
    faults_of,
    get,
    has_broken,
    is_key,
    is_true,
    named,
)
from simulator.model import Problem, shown
from simulator.wire import storm_json

__all__ = ["CORE", "text_of"]


#: A key, its value, and the offsets of both.
_Entry: TypeAlias = "tuple[object, object, int, int]"


def _get(call: Call) -> object:
    return get(*call.arguments)


def _get_in(call: Call) -> object:
    holder, keys, *default = call.arguments
    for key in call.evaluator.elements(keys, call.at(1)):
        holder = get(holder, key, ABSENT)
        if holder is ABSENT:
            return default[0] if default else None
    return holder


def text_of(value: object) -> str:
    """Return the text that Clojure's ``str`` makes of ``nil``, a boolean, a number, a string or a keyword."""
    if value is None:
        return ""
    if isinstance(value, (bool, float)):
        return storm_json(value)  # as Java prints it
    return str(value)


def _str(call: Call) -> object:
    for index, value in enumerate(call.arguments):
        if not (value is None or isinstance(value, (str, int, float, Keyword))):
            raise call.refusal(
                call.at(index),
                f"{named(value)} is not supported",
                "expected strings, numbers and keywords",
            )
    text = "".join(map(text_of, call.arguments))
    if len(text) > MOST_WEIGHT:
        raise call.refusal(
            call.at(0),
            f"a string of more than {MOST_WEIGHT} characters",
            "a topology needs far less",
        )
    return text


def _merge(call: Call) -> object:
    maps = [_map_at(call, index) for index in range(len(call.arguments))]
    return call.evaluator.map(call.node.at, *(each for each in maps if each is not None))


def _map_at(call: Call, index: int) -> Map | None:
    """Return an argument that has to be a map or ``nil``."""
    value = call.arguments[index]
    if value is not None and not isinstance(value, Map):
        raise call.refusal(call.at(index), f"{named(value)} is not a map", "expected {key value}")
    return value


def _with_entries(call: Call, holder: Map | None, entries: Sequence[_Entry]) -> Map:
    """Return a new map with the entries of another and these."""
    made = call.evaluator.map(call.node.at, *([] if holder is None else [holder]))
    for key, value, key_at, value_at in entries:
        made[call.evaluator.key(key, key_at)] = value
        made.keys_at[key], made.values_at[key] = key_at, value_at
    return call.evaluator.weighed(made, made.values())


def _entries(call: Call, start: int) -> list[_Entry]:
    """Return the arguments from an index on as entries of a map."""
    arguments = call.arguments
    if (len(arguments) - start) % 2:
        storm = f"No value supplied for key: {named(arguments[-1])}"
        raise call.refusal(
            call.at(len(arguments) - 1),
            f"{named(arguments[-1])} has no value",
            "expected pairs of a key and a value",
            storm,
        )
    return [
        (arguments[index], arguments[index + 1], call.at(index), call.at(index + 1))
        for index in range(start, len(arguments), 2)
    ]


def _assoc(call: Call) -> object:
    return _with_entries(call, _map_at(call, 0), _entries(call, 1))


def _dissoc(call: Call) -> object:
    holder = _map_at(call, 0)
    if holder is None:
        return None
    kept = [
        key for key in holder if key not in [each for each in call.arguments[1:] if is_key(each)]
    ]
    return _with_entries(
        call, None, [(key, holder[key], holder.keys_at[key], holder.values_at[key]) for key in kept]
    )


def _hash_map(call: Call) -> object:
    return _with_entries(call, None, _entries(call, 0))


def _conj(call: Call) -> object:
    added = list(call.arguments[1:])
    places = [call.at(index) for index in range(1, len(call.arguments))]
    return _with_added(call, call.arguments[0], added, places)


def _into(call: Call) -> object:
    source = call.arguments[1]
    added = call.evaluator.elements(source, call.at(1))
    places = source.places if isinstance(source, Vector) else [call.at(1)] * len(added)
    return _with_added(call, call.arguments[0], added, places)


def _with_added(
    call: Call, holder: object, added: Sequence[object], places: Sequence[int]
) -> object:
    """Return a vector with more elements, or a map with more entries; ``places`` are the offsets of what is added."""
    if holder is None or isinstance(holder, Vector):
        old = holder if isinstance(holder, Vector) else ()
        old_places = holder.places if isinstance(holder, Vector) else ()
        return call.evaluator.vector([*old, *added], call.node.at, [*old_places, *places])
    if not isinstance(holder, Map):
        raise call.refusal(
            call.at(0), f"nothing can be added to {named(holder)}", "expected a vector or a map"
        )
    entries: list[_Entry] = []
    lost: tuple[Problem, ...] = ()
    for each, at in zip(added, places, strict=False):
        if isinstance(each, Map):
            entries += [(key, each[key], each.keys_at[key], each.values_at[key]) for key in each]
        elif isinstance(each, Vector) and len(each) == 2 and not has_broken(each[0]):
            entries.append((each[0], each[1], each.places[0], each.places[1]))
        elif has_broken(each):
            lost += faults_of(each)
        else:
            raise call.refusal(
                at, f"{named(each)} is not an entry of a map", "expected [key value]"
            )
    made = _with_entries(call, holder, entries)
    made.lost += lost
    return made


def _vector(call: Call) -> object:
    places = [call.at(index) for index in range(len(call.arguments))]
    return call.evaluator.vector(call.arguments, call.node.at, places)


def _concat(call: Call) -> object:
    values: list[object] = []
    places: list[int] = []
    for index, value in enumerate(call.arguments):
        elements = call.evaluator.elements(value, call.at(index))
        values += elements
        places += value.places if isinstance(value, Vector) else [call.at(index)] * len(elements)
    return call.evaluator.vector(values, call.node.at, places)


def _range(call: Call) -> object:
    numbers = [call.number(index) for index in range(len(call.arguments))]
    start, stop, step = [(0, *numbers, 1), (*numbers, 1), tuple(numbers)][len(numbers) - 1]
    if not all(isinstance(each, int) for each in (start, stop, step)) or step == 0:
        raise call.refusal(
            call.at(0),
            "the arguments are not whole numbers, or the step is 0",
            "expected whole numbers, as in (range 3)",
        )
    values = range(start, stop, step)
    if values and (abs(stop - start) // abs(step)) > MOST_WEIGHT:
        raise call.refusal(
            call.at(0), f"more than {MOST_WEIGHT} numbers", "a topology needs far less"
        )
    return call.evaluator.vector(values, call.node.at, [call.node.at] * len(values))


def _count(call: Call) -> object:
    value = call.arguments[0]
    return len(value) if isinstance(value, str) else len(call.evaluator.elements(value, call.at(0)))


def _element(call: Call, index: int) -> object:
    elements = call.evaluator.elements(call.arguments[0], call.at(0))
    return elements[index] if -len(elements) <= index < len(elements) else None


def _equal(left: object, right: object) -> bool:
    """Return Clojure's ``=``: 1 does not equal 1.0, and true does not equal 1."""
    if isinstance(left, Vector) and isinstance(right, Vector):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, Map) and isinstance(right, Map):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def _same(call: Call) -> object:
    if faults := faults_of(Vector(call.arguments)):
        raise Refused(*faults)
    first, *others = call.arguments
    return all(_equal(first, other) for other in others)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Call], object]:
    """Return a builtin that tells whether each argument compares so with the next."""

    def run(call: Call) -> object:
        numbers = [call.number(index) for index in range(len(call.arguments))]
        return all(map(compare, numbers, numbers[1:]))

    return run


def _folded(step: Callable[[Any, Any], Any], alone: Callable[..., Any]) -> Callable[[Call], object]:
    """Return a builtin that combines its arguments from the left; ``alone`` is for one argument or none."""

    def run(call: Call) -> object:
        numbers = [call.number(index) for index in range(len(call.arguments))]
        return _computed(
            call, lambda: reduce(step, numbers) if len(numbers) > 1 else alone(*numbers)
        )

    return run


def _computed(call: Call, compute: Callable[[], Any]) -> object:
    """Return the number that ``compute`` returns, or refuse what Clojure or JSON cannot hold."""
    try:
        result = compute()
    except ZeroDivisionError:
        raise call.refusal(
            call.at(0), "a division by zero", "", "ArithmeticException: Divide by zero"
        ) from None
    except (ArithmeticError, ValueError):
        raise call.refusal(
            call.at(0), "the result is not a finite number", "expected finite numbers"
        ) from None
    if isinstance(result, Fraction):
        if result.denominator != 1:
            raise call.refusal(
                call.at(0),
                f"the result is the ratio {shown(str(result))}",
                "use quot for a whole number, (/ 1.0 3) for a decimal",
            )
        result = int(result)
    if isinstance(result, int) and not -(2**63) <= result < 2**63:
        raise call.refusal(
            call.at(0),
            "the result does not fit 64 bits",
            "",
            "ArithmeticException: integer overflow",
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


def _parsed(bits: int, *, takes_numbers: bool = False) -> Callable[[Call], object]:
    """Return a builtin that parses a whole number of so many bits.

    Args:
        takes_numbers: a whole number is taken too, as by Java's constructors.
    """

    def run(call: Call) -> object:
        given = call.arguments[0]
        number = None
        if isinstance(given, str) and re.fullmatch(r"[+-]?[0-9]{1,19}", given):
            number = int(given)
        elif takes_numbers and isinstance(given, int) and not isinstance(given, bool):
            number = given
        if number is None or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            storm = f"NumberFormatException: For input string: {named(given)}"
            raise call.refusal(
                call.at(0),
                f"{named(given)} is not a whole number of {bits} bits",
                'expected a string such as "2"',
                storm,
            )
        return number

    return run


def _double(call: Call) -> object:
    given = call.arguments[0]
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return float(given)
    if isinstance(given, str) and re.fullmatch(
        r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", given
    ):
        return float(given)
    raise call.refusal(
        call.at(0),
        f"{named(given)} is not a number",
        'expected a string such as "2.5"',
        f"NumberFormatException: For input string: {named(given)}",
    )


def _truth(call: Call) -> object:
    given = call.arguments[0]
    return given if isinstance(given, bool) else str(given).lower() == "true"


def _string(call: Call) -> object:
    if not isinstance(call.arguments[0], str):
        raise call.refusal(call.at(0), f"{named(call.arguments[0])} is not a string")
    return call.arguments[0]


_BITS: Final = {"Short": 16, "Integer": 32, "Long": 64}


def _boxed() -> Iterator[Builtin]:
    """Yield the constructors and static methods of Java's numbers, booleans and strings."""
    for name, bits in _BITS.items():
        made = _parsed(bits, takes_numbers=True)
        yield Builtin(f"{name}.", made, 1, 1)
        yield Builtin(f"{name}/valueOf", made, 1, 1)
    yield Builtin("Integer/parseInt", _parsed(32), 1, 1)
    yield Builtin("Long/parseLong", _parsed(64), 1, 1)
    for name in ("Double", "Float"):
        for method in (".", "/valueOf", f"/parse{name}"):
            yield Builtin(f"{name}{method}", _double, 1, 1)
    for method in (".", "/valueOf", "/parseBoolean"):
        yield Builtin(f"Boolean{method}", _truth, 1, 1)
    yield Builtin("String.", _string, 1, 1)


#: The functions by name.
CORE: Final[Mapping[str, Builtin]] = {
    each.name: each
    for each in (
        Builtin("get", _get, 2, 3),
        Builtin("get-in", _get_in, 2, 3),
        Builtin("str", _str, 0, None),
        Builtin("merge", _merge, 0, None),
        Builtin("assoc", _assoc, 3, None),
        Builtin("dissoc", _dissoc, 1, None),
        Builtin("conj", _conj, 1, None),
        Builtin("into", _into, 2, 2),
        Builtin("vec", _concat, 1, 1),
        Builtin("vector", _vector, 0, None),
        Builtin("list", _vector, 0, None),
        Builtin("concat", _concat, 0, None),
        Builtin("hash-map", _hash_map, 0, None),
        Builtin("array-map", _hash_map, 0, None),
        Builtin("range", _range, 1, 3),
        Builtin("count", _count, 1, 1),
        Builtin("first", lambda call: _element(call, 0), 1, 1),
        Builtin("second", lambda call: _element(call, 1), 1, 1),
        Builtin("last", lambda call: _element(call, -1), 1, 1),
        Builtin("not", lambda call: not is_true(call.arguments[0]), 1, 1),
        Builtin("nil?", lambda call: call.arguments[0] is None, 1, 1),
        Builtin("some?", lambda call: call.arguments[0] is not None, 1, 1),
        Builtin("empty?", lambda call: _count(call) == 0, 1, 1),
        Builtin(
            "contains?",
            lambda call: get(call.arguments[0], call.arguments[1], ABSENT) is not ABSENT,
            2,
            2,
        ),
        Builtin("=", _same, 1, None),
        Builtin("not=", lambda call: not _same(call), 1, None),
        Builtin("<", _ordered(operator.lt), 1, None),
        Builtin(">", _ordered(operator.gt), 1, None),
        Builtin("<=", _ordered(operator.le), 1, None),
        Builtin(">=", _ordered(operator.ge), 1, None),
        Builtin("+", _folded(operator.add, lambda *n: sum(n)), 0, None),
        Builtin("*", _folded(operator.mul, lambda *n: math.prod(n)), 0, None),
        Builtin("-", _folded(operator.sub, operator.neg), 1, None),
        Builtin("/", _folded(_divided, lambda n: _divided(1, n)), 1, None),
        Builtin("quot", _folded(_quotient, operator.pos), 2, 2),
        Builtin("rem", _folded(_remainder, operator.pos), 2, 2),
        Builtin("mod", _folded(operator.mod, operator.pos), 2, 2),
        Builtin("max", _folded(max, operator.pos), 1, None),
        Builtin("min", _folded(min, operator.pos), 1, None),
        Builtin("inc", _folded(operator.add, lambda n: n + 1), 1, 1),
        Builtin("dec", _folded(operator.sub, lambda n: n - 1), 1, 1),
        Builtin("int", _whole, 1, 1),
        Builtin("long", _whole, 1, 1),
        Builtin("double", _double, 1, 1),
        Builtin("float", _double, 1, 1),
        *_boxed(),
    )
}

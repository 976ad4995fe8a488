"""Random JSON through each line's own parser, fields grouping and printer, and through ours."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.effects import order_as_java
from simulator.model.groupings import fields_index
from simulator.model.profiles import Profile, profile
from simulator.wire.codec import Emit, parse
from simulator.wire.protocol import Dialect, storm_json
from streamparse.jvm import SOURCES, log_options
from streamparse.multilang import ProtocolError
from tests.support import storm_lines
from tests.support.paths import TESTS

HOW_MANY = 4000
SIZES = (2, 3, 5, 7)

pytestmark = pytest.mark.real_storm


def test_random_values_go_where_storm_sends_them_and_look_as_storm_prints_them(
    version: str, tmp_path: Path
) -> None:
    messages = [message_of(values) for values in random_tuples(random.Random(version))]
    storm = answers(version, messages, tmp_path)
    ours = [answer(message, profile(version)) for message in messages]
    differ = [each for each in zip(messages, storm, ours, strict=True) if each[1] != each[2]]
    assert differ == []
    # The others hold an integer beyond 64 bits, somewhere.
    assert sum("chosen" in each for each in storm) > HOW_MANY * 0.75


@pytest.fixture(params=list(storm_lines.LINES))
def version(request: pytest.FixtureRequest) -> str:
    storm_lines.require("lein", "java")
    return str(request.param)


def answers(version: str, messages: list[str], tmp_path: Path) -> list[dict[str, Any]]:
    """What the line's classes say; see values.clj."""
    asked, answered = tmp_path / "messages", tmp_path / "answers"
    asked.write_text("".join(f"{message}\n" for message in messages), encoding="utf-8")
    path = [TESTS, SOURCES, *storm_lines.class_path(version)]
    options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *log_options()]
    command = ["clojure.main", "-m", "parity.values", str(asked), str(answered)]
    class_path = os.pathsep.join(map(str, path))
    subprocess.run(["java", *options, "-cp", class_path, *command], check=True, cwd=tmp_path)
    lines = answered.read_text(encoding="utf-8").split("\n")[:-1]
    return [known(json.loads(line)) for line in lines]


_LONG = re.compile(r"-?\d+\.(?:\d{13,}|\d+E-?\d+)(?:E-?\d+)?")


def known(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is known to depend on the JDK, not on Storm, and without the exception that refused a message.

    Double.toString gives more digits than it needs up to 18 (JDK-4511638), and the smallest ones as 4.9E-324.
    """
    if "error" in found:
        return {"error": "refused"}
    return {"chosen": found["chosen"], "text": known_text(found["text"])}


def known_text(text: str) -> str:
    """A text of Storm's with floats as Python prints them; see ``known``."""
    return _LONG.sub(lambda number: repr(float(number[0])), text)


def answer(message: str, storm: Profile) -> dict[str, Any]:
    """The same of ours."""
    dialect = Dialect(smart=storm.json == "smart", strict=False)
    try:
        emit = parse(message.encode(), dialect)
    except ProtocolError:
        return known({"error": "an integer beyond 64 bits"})
    assert isinstance(emit, Emit)
    values = order_as_java(emit).values
    text = f'{{"comp":"c","tuple":{storm_json(values)},"task":1,"stream":"s","id":"1"}}'
    chosen = [fields_index(values, size, storm) for size in SIZES]
    return known({"chosen": chosen, "text": text})


# -- random tuples, as texts: how a number is written counts -------------------------------------------------------

ALPHABETS = (
    "abcXYZ 0189_-./",
    # No U+007F: from 2.6 on Storm's parser drops it, when it stands as it is in a text that has an escape.
    "\x00\x08\t\n\x1f\x9f\u00e9\u00df",
    '"\\/\u2028\u2029\u20ac\u4e2d\ud7ff\ue000\ufffd',
    "\U0001f600\U00010000\U0010ffff",
)


def random_tuples(rng: random.Random) -> Iterator[str]:
    for _ in range(HOW_MANY):
        yield f"[{','.join(random_value(rng, 3) for _ in range(rng.randint(1, 3)))}]"


def message_of(values: str) -> str:
    return f'{{"command":"emit","tuple":{values}}}'


def random_value(rng: random.Random, depth: int) -> str:
    kinds = [random_text, random_integer, random_float, random_constant]
    if depth:
        kinds += [random_list, random_object]
    return rng.choice(kinds)(rng, depth)


def random_text(rng: random.Random, depth: int) -> str:
    alphabet = rng.choice(ALPHABETS)
    text = "".join(rng.choice(alphabet) for _ in range(rng.choice((0, 1, 2, 5, 20))))
    return json.dumps(text, ensure_ascii=rng.random() < 0.5)


def random_integer(rng: random.Random, depth: int) -> str:
    bits = rng.choice((1, 7, 8, 31, 32, 33, 53, 62, 63, 63, 64, 100))
    near = rng.choice((0, 1 << bits, 1 << (bits - 1), rng.getrandbits(bits)))
    return str(rng.choice((1, -1)) * (near + rng.randint(-1, 1)))


def random_float(rng: random.Random, depth: int) -> str:
    number = rng.choice((rng.random(), rng.uniform(-1e9, 1e9), rng.randint(-99, 99) / 8))
    exponent = rng.choice((None, rng.randint(-330, 320), rng.randint(-8, 8)))
    places = rng.choice((1, 2, 6, 15, 17, 25))
    if exponent is None:
        return f"{number:.{places}f}" if rng.random() < 0.5 else repr(number)
    return f"{number:.{places}f}{rng.choice('eE')}{rng.choice(('', '+')) if exponent >= 0 else ''}{exponent}"


def random_constant(rng: random.Random, depth: int) -> str:
    return rng.choice(("null", "true", "false", '""', "0", "0.0", "-0.0", "[]", "{}"))


def random_list(rng: random.Random, depth: int) -> str:
    return f"[{','.join(random_value(rng, depth - 1) for _ in range(rng.randint(0, 4)))}]"


def random_object(rng: random.Random, depth: int) -> str:
    keys = {random_text(rng, 0) for _ in range(rng.choice((0, 1, 2, 3, 3, 3, 3, 14, 30)))}
    return f"{{{','.join(f'{key}:{random_value(rng, depth - 1)}' for key in sorted(keys))}}}"

"""The texts of messages are those of simplejson, to the byte, in both directions."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from simplejson import JSONDecoder, JSONEncoder

from streamparse.storm.codec import decode, encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@pytest.mark.slow
@given(st.dictionaries(st.text(), JSON))
@example({"command": "sync"})
def test_every_message_has_the_bytes_that_simplejson_gives_it(message: dict[str, object]) -> None:
    assert encode(message) == JSONEncoder().encode(message)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_json_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode({"tuple": [value]})


WRITTEN = st.one_of(
    JSON.map(lambda value: JSONEncoder(allow_nan=True).encode(value)),
    JSON.map(
        lambda value: JSONEncoder(ensure_ascii=False, indent=" ", allow_nan=True).encode(value)
    ),
    st.text('{}[]",:\\\\u0019-+.eEINaftrueslyn \n\t\x00d8', max_size=12),  # hardly ever JSON
)


def _read(read: Callable[[str], object], text: str) -> tuple[str, str]:
    try:
        return "read", repr(read(text))
    except ValueError as error:
        return type(error).__name__, str(error)


def test_what_is_no_json_is_a_value_error_in_a_process_that_has_loaded_no_json_module() -> None:
    program = (
        "import io, sys; from streamparse import Component\n"
        "assert not {'json', 'simplejson'} & set(sys.modules)\n"
        "try: Component(io.StringIO('{\"a\\nend\\n'), io.StringIO()).read_message()\n"
        "except ValueError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("Unterminated string starting at"), done.stderr


@given(WRITTEN)
def test_what_storm_says_is_read_as_simplejson_reads_it(text: str) -> None:
    theirs = JSONDecoder(allow_nan=True).decode
    assert _read(decode, text) == _read(theirs, text)

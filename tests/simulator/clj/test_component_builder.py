"""The arguments of spec forms are read one by one."""

import pytest

from simulator.model import Stream
from tests.support.clojure import BOLT, SPOUT, one, problems, spout_of, text_of, warnings


@pytest.mark.parametrize(
    ("written", "streams"),
    [
        ('["a" "b"]', one("a", "b")),
        ("[]", one()),
        ("{}", {}),
        ('{"x" ["a"] "y" []}', {"x": Stream(("a",)), "y": Stream(())}),
        (
            '{"default" ["a"] "d" (direct-stream ["b"])}',
            {**one("a"), "d": Stream(("b",), direct=True)},
        ),
        ('(direct-stream ["b"])', {"default": Stream(("b",), direct=True)}),
    ],
)
def test_outputs_are_fields_or_streams_of_fields(written: str, streams: dict[str, Stream]) -> None:
    assert spout_of(f'(python-spout-spec options "s.S" {written})').outputs == streams


def test_a_component_configuration_is_what_json_makes_of_it() -> None:
    conf = '{"a" 1, "b" [1.5 "x" nil true {"c" ()}] "n" -7 TOPOLOGY-DEBUG false Config/TOPOLOGY_TASKS 2 3 "three"}'
    assert spout_of(f'(python-spout-spec options "s.S" [] :conf {conf})').conf == {
        "a": 1,
        "b": [1.5, "x", None, True, {"c": []}],
        "n": -7,
        "topology.debug": False,
        "topology.tasks": 2,
        "3": "three",
    }


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            '(shell-spout-spec "python" ["a"])',
            't.clj:2:26: component "s": shell-spout-spec: the command is "python" '
            "(Storm: array element type mismatch); "
            'expected ["python" "component.py"]',
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :p)',
            't.clj:2:47: component "s": python-spout-spec: :p has no value (Storm: No value supplied for key: :p); '
            "expected :p 2",
        ),
        (
            '(python-spout-spec options "s.S" ["w"] 2)',
            't.clj:2:47: component "s": python-spout-spec: 2 is one argument too many '
            "(Storm: No value supplied for key: 2); "
            'expected (python-spout-spec options "module.Class" ["field"]), with :p and :conf after it',
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :p "2")',
            't.clj:2:50: component "s": python-spout-spec: :p is "2" (Storm: ClassCastException); '
            "expected a whole number of at least 1",
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :p 0)',
            't.clj:2:50: component "s": :p is 0 (Storm: Parallelism must be positive); expected at least 1',
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :conf {"a" :b})',
            't.clj:2:58: component "s": python-spout-spec: :conf: :b is not JSON '
            '(Storm: sends it as text that is not JSON); expected "b"',
        ),
    ],
)
def test_a_wrong_spout_is_refused_by_its_place_and_name(form: str, message: str) -> None:
    assert problems(text_of(f'"s" {form}', "")) == [message]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            '{"s" ["wrod"]}',
            't.clj:3:39: component "b": groups on "wrod", which stream "default" of "s" does not have '
            '(did you mean "word"?) (Storm: Component: [b] subscribes from stream: [default] of component [s] '
            'with non-existent fields: [wrod]); its fields are "word"',
        ),
        (
            '{["s" "err"] :all}',
            't.clj:3:35: component "b": subscribes to stream "err" of "s", which has no such stream '
            "(Storm: Component: [b] subscribes from non-existent stream: [err] of component [s]); "
            'it declares "default"',
        ),
        (
            '["s"]',
            't.clj:3:34: component "b": python-bolt-spec: the inputs are ["s"]; expected {"word-spout" :shuffle}',
        ),
        (
            "{}",
            't.clj:3:34: component "b": a bolt without inputs, which no tuple ever reaches '
            '(Storm: accepts it without a message); subscribe it: {"source" :shuffle}',
        ),
    ],
)
def test_wrong_inputs_are_refused_by_their_place(inputs: str, message: str) -> None:
    assert problems(text_of(SPOUT, f'"b" (python-bolt-spec options {inputs} "b.B" [])')) == [
        message
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            text_of(SPOUT, BOLT[:-1] + " :p 2.7)"),
            't.clj:3:75: component "b": :p is 2.7 (Storm: truncates it to 2); write 2',
        ),
        (
            text_of(SPOUT, BOLT[:-1] + " :parallelism 2)"),
            't.clj:3:72: component "b": :parallelism has no meaning (did you mean :parallelism-hint?) '
            "(Storm: ignores it); expected :p or :conf",
        ),
        (
            text_of(SPOUT, BOLT[:-1] + " :conf {:a 1})"),
            't.clj:3:79: component "b": :conf: the key :a is a keyword, and reaches the component as ":a"; write "a"',
        ),
    ],
)
def test_a_suspicious_argument_is_read_with_a_warning(text: str, message: str) -> None:
    assert warnings(text) == [message]

"""The forms that make components."""

import pytest

from simulator.clj.specs import config_constant
from simulator.model import Component, Grouping
from tests.support.clojure import (
    SHUFFLE,
    bolt_of,
    components,
    one,
    problems,
    spout_of,
    text_of,
)


@pytest.mark.parametrize(
    ("form", "options", "command", "python_class"),
    [
        ('(python-spout-spec options "a.B" ["x"])', {}, "python -m streamparse.run a.B", "a.B"),
        (
            '(python-spout-spec options "a.B" ["x"])',
            {"topology__python__path": "/venv/bin/python"},
            "/venv/bin/python -m streamparse.run a.B",
            "a.B",
        ),
        ('(shell-spout-spec ["python" "x.py"] ["x"])', {}, "python x.py", None),
        ('(shell-spout-spec "python" "x.py" ["x"])', {}, "python x.py", None),
        ('(shell-spout-spec ["bash" "-e" "x.sh"] ["x"])', {}, "bash -e x.sh", None),
        (
            '(shell-spout-spec ["py3" "-m" "streamparse.run" "a.B"] ["x"])',
            {},
            "py3 -m streamparse.run a.B",
            "a.B",
        ),
    ],
)
def test_a_spec_becomes_a_command(
    form: str, options: dict[str, object], command: str, python_class: str | None
) -> None:
    expected = Component("s", "spout", tuple(command.split(" ")), python_class, outputs=one("x"))
    assert spout_of(form, **options) == expected


@pytest.mark.parametrize(
    ("form", "command"),
    [
        ('(shell-bolt-spec {"s" :shuffle} ["python" "x.py"] ["x"])', ("python", "x.py")),
        ('(shell-bolt-spec {"s" :shuffle} "python" "x.py" ["x"])', ("python", "x.py")),
    ],
)
def test_a_shell_bolt_takes_a_list_or_two_strings(form: str, command: tuple[str, ...]) -> None:
    assert bolt_of(form) == Component(
        "b", "bolt", command, None, {("s", "default"): SHUFFLE}, one("x")
    )


@pytest.mark.parametrize(
    ("form", "component"),
    [
        (
            "(spout-spec (my.Spout. 1 (foo)) :p 2)",
            Component("s", "spout", jvm_class="my.Spout", java_arguments=None, parallelism=2),
        ),
        (
            '(spout-spec (new my.Spout) :conf {"a" 1})',
            Component("s", "spout", jvm_class="my.Spout", conf={"a": 1}),
        ),
        ("(spout-spec my-spout)", Component("s", "spout", jvm_class="my-spout")),
    ],
)
def test_a_component_of_the_jvm_has_no_command(form: str, component: Component) -> None:
    assert spout_of(form) == component


def test_whoever_subscribes_to_a_component_of_the_jvm_is_believed() -> None:
    text = text_of('"s" (spout-spec (my.Spout.))', '"b" (bolt-spec {["s" "any"] ["x"]} (my.Bolt.))')
    subscription = {("s", "any"): Grouping("fields", ("x",))}
    assert components(text)[1] == Component("b", "bolt", jvm_class="my.Bolt", inputs=subscription)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            '(shell-spout-spec options "spouts.Other" ["sentence"])',
            't.clj:2:26: component "s": shell-spout-spec: the command is a map, as if these were options '
            "(Storm: array element type mismatch); "
            'expected (python-spout-spec options "module.Class" ["field"]) with options, '
            'or (shell-spout-spec ["command" "argument"] ["field"]) without',
        ),
        (
            '(python-spout-spec "s.S" ["w"] :p 2)',
            't.clj:2:27: component "s": python-spout-spec: the options are missing: it begins with "s.S"; '
            'expected (python-spout-spec options "module.Class" ["field"])',
        ),
        (
            '(python-spout-spec options "s.S")',
            't.clj:2:8: component "s": python-spout-spec is given 2 arguments '
            "(Storm: Wrong number of args (2) passed to: python-spout-spec); "
            'expected (python-spout-spec options "module.Class" ["field"])',
        ),
    ],
)
def test_a_spec_with_the_wrong_arguments_is_refused(form: str, message: str) -> None:
    assert problems(text_of(f'"s" {form}', "")) == [message]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("TOPOLOGY-DEBUG", "topology.debug"),
        ("Config/TOPOLOGY_MAX_SPOUT_PENDING", "topology.max.spout.pending"),
        ("TOPOLOGY-NONSENSE", None),
    ],
)
def test_a_constant_of_storms_config_is_its_key(name: str, key: str | None) -> None:
    assert config_constant(name) == key

"""Spouts that are no Python."""

from __future__ import annotations

from streamparse import JavaSpout, ShellSpout


class Lines(JavaSpout):
    """A spout in Java whose class declares its outputs."""

    outputs = ("line",)


def test_a_program_has_a_command_and_one_argument() -> None:
    spec = ShellSpout.spec(command="node", script="", outputs=["a"])
    assert (spec.kind, spec.command, spec.mistakes) == ("spout", ("node", ""), [])


def test_a_java_spout_may_have_the_outputs_of_its_class() -> None:
    spec = Lines.spec("lines", None, "my.Spout", ["x"], 2)
    assert (spec.java, spec.par, spec.outputs["default"].fields, spec.mistakes) == (
        ("my.Spout", ("x",)),
        2,
        ["line"],
        [],
    )

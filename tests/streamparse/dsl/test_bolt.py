"""Bolts that are no Python."""

from __future__ import annotations

from streamparse import JavaBolt, ShellBolt, Spout


class Words(Spout):
    """A spout."""


def test_a_program_has_a_command_and_one_argument() -> None:
    spec = ShellBolt.spec("shell", "node", "bolt.js --fast", [Words.spec()], 2, {"a": 1}, ["b"])
    assert (spec.id, spec.command, spec.par, spec.config, list(spec.outputs), spec.mistakes) == (
        "shell",
        ("node", "bolt.js --fast"),
        2,
        {"a": 1},
        ["default"],
        [],
    )


def test_a_java_bolt_is_a_class_or_an_object() -> None:
    words = Words.spec()
    by_class = JavaBolt.spec(full_class_name="my.Bolt", args_list=[1], inputs=[words])
    by_bytes = JavaBolt.spec(serialized_java=b"x", inputs=[words])
    assert (by_class.java, by_bytes.java) == (("my.Bolt", (1,)), b"x")
    assert (by_class.kind, by_class.mistakes, by_bytes.mistakes) == ("bolt", [], [])

"""Bolts that are no Python: their specs."""

from __future__ import annotations

from streamparse.dsl.component import ComponentSpec, java_spec, shell_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = ["JavaBolt", "ShellBolt"]


class JavaBolt:
    """A bolt in Java; only a JVM can run it. Derive a class from it to give several specs the same ``outputs``."""

    outputs: ClassVar[Any] = None

    @classmethod
    def spec(
        cls,
        name: str | None = None,
        serialized_java: bytes | None = None,
        full_class_name: str | None = None,
        args_list: Any = None,
        inputs: Any = None,
        par: int | dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        outputs: Any = None,
        **unknown: object,
    ) -> ComponentSpec:
        """Return the spec of a bolt in Java.

        Args:
            name: its id; None: the name of the attribute.
            serialized_java: a serialized object, in place of a class.
            full_class_name: the class with its package.
            args_list: the arguments of its constructor: booleans, numbers, texts, bytes.
            inputs, par, config: see ``Bolt.spec``.
            outputs: what it emits: a list of names of fields, or of Streams.
        """
        given = {
            "name": name,
            "serialized_java": serialized_java,
            "full_class_name": full_class_name,
            "args_list": args_list,
            "inputs": inputs,
            "par": par,
            "config": config,
            "outputs": outputs,
        }
        return java_spec(cls, "bolt", given, unknown)


class ShellBolt:
    """A bolt that is a program in any language, which speaks the multilang protocol."""

    outputs: ClassVar[Any] = None

    @classmethod
    def spec(
        cls,
        name: str | None = None,
        command: str | None = None,
        script: str | None = None,
        inputs: Any = None,
        par: int | dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        outputs: Any = None,
        **unknown: object,
    ) -> ComponentSpec:
        """Return the spec of a bolt that is a program.

        Args:
            name: its id; None: the name of the attribute.
            command: the program.
            script: its one argument; blanks in it do not part it.
            inputs, par, config: see ``Bolt.spec``.
            outputs: what it emits: a list of names of fields, or of Streams.
        """
        given = {
            "name": name,
            "command": command,
            "script": script,
            "inputs": inputs,
            "par": par,
            "config": config,
            "outputs": outputs,
        }
        return shell_spec(cls, "bolt", given, unknown)

"""Spouts that are no Python: their specs."""

from __future__ import annotations

from streamparse.dsl.component import ComponentSpec, java_spec, shell_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = ["JavaSpout", "ShellSpout"]


class JavaSpout:
    """A spout in Java; only a JVM can run it. Derive a class from it to give several specs the same ``outputs``."""

    outputs: ClassVar[Any] = None

    @classmethod
    def spec(
        cls,
        name: str | None = None,
        serialized_java: bytes | None = None,
        full_class_name: str | None = None,
        args_list: Any = None,
        par: int | dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        outputs: Any = None,
        **unknown: object,
    ) -> ComponentSpec:
        """Return the spec of a spout in Java; see ``JavaBolt.spec``."""
        given = {
            "name": name,
            "serialized_java": serialized_java,
            "full_class_name": full_class_name,
            "args_list": args_list,
            "par": par,
            "config": config,
            "outputs": outputs,
        }
        return java_spec(cls, "spout", given, unknown)


class ShellSpout:
    """A spout that is a program in any language, which speaks the multilang protocol."""

    outputs: ClassVar[Any] = None

    @classmethod
    def spec(
        cls,
        name: str | None = None,
        command: str | None = None,
        script: str | None = None,
        par: int | dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        outputs: Any = None,
        **unknown: object,
    ) -> ComponentSpec:
        """Return the spec of a spout that is a program; see ``ShellBolt.spec``."""
        given = {
            "name": name,
            "command": command,
            "script": script,
            "par": par,
            "config": config,
            "outputs": outputs,
        }
        return shell_spec(cls, "spout", given, unknown)

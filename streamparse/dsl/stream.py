"""Streams that a component declares, and groupings of the streams that a bolt takes.

Source of the rules: ``streamparse/dsl/stream.py`` and ``util.py`` of 3.16.0 to 5.0.1.
"""

from __future__ import annotations

from streamparse.dsl.mistakes import Line, Mistake, kind_of, plain, users_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, ClassVar

__all__ = ["JAVA_TYPES", "Grouping", "Stream", "java_arguments"]

#: The types that an argument of a Java constructor may have.
JAVA_TYPES = (bool, int, float, str, bytes)
_LONG = 1 << 63


class Stream:
    """A stream that a component emits on.

    Args:
        fields: the names of its fields, a list or a tuple; None: it has none.
        name: its name.
        direct: whether it carries only emits that name the task that receives them.

    Attributes:
        fields, name, direct: the same.
        mistakes: what is wrong with them.
    """

    def __init__(
        self,
        fields: Sequence[str] | None = None,
        name: str = "default",
        direct: bool = False,
    ) -> None:
        line = users_line()
        self.mistakes: list[Mistake] = []
        self.fields = [*map(plain, fields)] if isinstance(fields, (list, tuple)) else []
        self.name: Any = plain(name)  # a text, unless it is among the mistakes
        self.direct = direct
        self._check(fields, name, direct, line)

    def _check(self, fields: Any, name: Any, direct: Any, line: Line) -> None:
        """Note what is wrong with the arguments, which may be anything."""
        if fields is not None and not isinstance(fields, (list, tuple)):
            remedy = f"expected a list of names{_listed(fields)}"
            self._note(f"the fields of a Stream are {kind_of(fields)}", remedy, line)
        for each in self.fields:
            if not isinstance(each, str):
                self._note(f"a field of a Stream is {kind_of(each)}", "expected its name", line)
        if not isinstance(name, str):
            self._note(f"the name of a Stream is {kind_of(name)}", "expected a text", line)
        if not isinstance(direct, bool):
            found = f"direct of a Stream is {kind_of(direct)}"
            self._note(found, "expected True or False", line)

    def _note(self, finding: str, remedy: str, line: Line) -> None:
        self.mistakes.append(Mistake(finding, remedy, part=("outputs",), line=line))

    def __repr__(self) -> str:
        return f"Stream(fields={self.fields!r}, name={self.name!r}, direct={self.direct!r})"


def _listed(value: object) -> str:
    return f", such as [{value!r}]" if isinstance(value, str) else ""


class Grouping:
    """How the tuples of a stream are distributed among the tasks of a bolt.

    ``Grouping.SHUFFLE``, ``LOCAL_OR_SHUFFLE``, ``GLOBAL``, ``ALL``, ``NONE`` and ``DIRECT`` are groupings;
    ``Grouping.fields`` and the two ``custom`` ones make some.

    Attributes:
        kind: its name in a topology, such as ``local-or-shuffle``.
        names: the fields that it depends on.
        java_class, java_args: of a custom grouping: its class, and the arguments of the constructor.
        serialized: of a custom grouping that is given as bytes.
        mistakes: what is wrong with its arguments.
    """

    SHUFFLE: ClassVar[Grouping]
    LOCAL_OR_SHUFFLE: ClassVar[Grouping]
    GLOBAL: ClassVar[Grouping]
    ALL: ClassVar[Grouping]
    NONE: ClassVar[Grouping]
    DIRECT: ClassVar[Grouping]

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.names: tuple[str, ...] = ()
        self.java_class: str | None = None
        self.java_args: tuple[object, ...] = ()
        self.serialized: bytes | None = None
        self.mistakes: list[Mistake] = []

    @classmethod
    def fields(cls, *names: str | Iterable[str]) -> Grouping:
        """Return the grouping by the values of these fields: their names, or one list of them."""
        made, line = cls("fields"), users_line()
        given = list(names[0]) if len(names) == 1 and isinstance(names[0], (list, tuple)) else list(names)  # fmt: skip
        made.names = tuple(plain(each) for each in given if isinstance(each, str))
        if not given:
            remedy = 'expected the name of one at least: Grouping.fields("word")'
            made.mistakes.append(Mistake("Grouping.fields() without a field", remedy, line=line))
        for each in given:
            if not isinstance(each, str):
                found = f"a field of Grouping.fields() is {kind_of(each)}"
                made.mistakes.append(Mistake(found, "expected its name", line=line))
        return made

    @classmethod
    def custom_object(cls, java_class_name: Any, arg_list: Sequence[object] = ()) -> Grouping:
        """Return the grouping of a Java class.

        Args:
            java_class_name: of the class, with its package.
            arg_list: the arguments of its constructor: booleans, numbers, texts and bytes.
        """
        made, line = cls("custom"), users_line()
        made.java_class = plain(java_class_name) if isinstance(java_class_name, str) else None
        if not made.java_class:
            found = f"the class of Grouping.custom_object() is {kind_of(java_class_name)}"
            remedy = 'expected its name: "my.package.Grouping"'
            made.mistakes.append(Mistake(found, remedy, line=line))
        arguments, found = java_arguments(arg_list)
        made.java_args = arguments
        if found:
            made.mistakes.append(Mistake(found, "expected booleans, numbers, texts and bytes", line=line))  # fmt: skip
        return made

    @classmethod
    def custom_serialized(cls, java_serialized: Any) -> Grouping:
        """Return the grouping that a serialized Java object is."""
        made, line = cls("custom"), users_line()
        made.serialized = java_serialized if isinstance(java_serialized, bytes) else b""
        if not isinstance(java_serialized, bytes):
            found = f"Grouping.custom_serialized() is given {kind_of(java_serialized)}"
            made.mistakes.append(Mistake(found, "expected bytes", line=line))
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grouping) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        return self.kind, self.names, self.java_class, self.java_args, self.serialized

    def __repr__(self) -> str:
        if self.names:
            return f"Grouping.fields({', '.join(map(repr, self.names))})"
        return f"Grouping.{self.kind.replace('-', '_').upper()}"


for _kind in ("shuffle", "local-or-shuffle", "global", "all", "none", "direct"):
    setattr(Grouping, _kind.replace("-", "_").upper(), Grouping(_kind))


def java_arguments(given: object) -> tuple[tuple[object, ...], str]:
    """Return the arguments of a Java constructor, and what is wrong with them; "" when nothing is."""
    if given is None:
        return (), ""
    if not isinstance(given, (list, tuple)):
        return (), f"the arguments of a Java class are {kind_of(given)}, not a list"
    for each in given:
        if not isinstance(each, JAVA_TYPES):
            return (), f"an argument of a Java class is {kind_of(each)}"
        if isinstance(each, int) and not -_LONG <= each < _LONG:
            return (), f"an argument of a Java class is {each}, which is no long"
    return tuple(map(plain, given)), ""

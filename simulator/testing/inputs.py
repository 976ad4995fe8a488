"""The inputs of a bolt in a harness: which of them a tuple comes from, and whether its values fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.model import did_you_mean
from simulator.testing.errors import HarnessError, is_test_error
from streamparse.multilang import DEFAULT_STREAM

__tracebackhide__ = is_test_error
Fields = tuple[str, ...] | None  # None: any number of values, of any name


@dataclass(frozen=True)
class Input:
    """A stream of a source that a bolt listens to.

    Attributes:
        source: the component id of the source.
        stream: the stream.
        fields: its fields; None when nothing is known of them.
    """

    source: str
    stream: str
    fields: Fields

    def __str__(self) -> str:
        return f"{self.source!r}, stream {self.stream!r}"

    def row(self, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
        """Return the values of a tuple in the order of the fields.

        Args:
            values: in this order already, or by the names of the fields.

        Raises:
            HarnessError: they do not fit the fields.
        """
        if isinstance(values, Mapping):
            return self._by_name(values)
        if isinstance(values, str) or not isinstance(values, Sequence):
            raise HarnessError(f"{values!r}: expected a list of values")
        if self.fields is not None and len(values) != len(self.fields):
            raise HarnessError(
                f"{len(values)} values for {self}; expected {len(self.fields)}: {list(self.fields)}"
            )
        return list(values)

    def _by_name(self, values: Mapping[str, Any]) -> list[Any]:
        if self.fields is None:
            raise HarnessError(
                f"values by name, and the fields of {self} are not known; give inputs=[...]"
            )
        if set(values) != set(self.fields):
            raise HarnessError(
                f"values for {list(values)}; the fields of {self} are {list(self.fields)}"
            )
        return [values[name] for name in self.fields]


@dataclass(frozen=True)
class Inputs:
    """All inputs of a bolt.

    Attributes:
        bolt: its component id, for what an error says.
        fields: source -> stream -> fields.
    """

    bolt: str
    fields: Mapping[str, Mapping[str, Fields]]

    @property
    def streams(self) -> list[str] | None:
        """The streams that its tuples come on; None when they are not known."""
        if any(None in each.values() for each in self.fields.values()):
            return None
        return sorted({name for each in self.fields.values() for name in each})

    def choose(self, component: str | None, stream: str | None) -> Input:
        """Return the only input, or the first one on the stream "default"; or the one that is named.

        Args:
            component, stream: narrow the choice; None: any.

        Raises:
            HarnessError: there is no such input, or several and none on the stream "default".
        """
        if component is not None and component not in self.fields:
            raise HarnessError(
                f"{self.bolt} has no input from {component!r}{did_you_mean(component, self.fields)}"
            )
        found = list(self._of(component))
        if not found:
            raise HarnessError(f"{self.bolt} has no inputs; declare them: inputs=[fields]")
        if [each.fields for each in found] == [None]:
            return Input(found[0].source, stream or DEFAULT_STREAM, None)
        wanted = DEFAULT_STREAM if stream is None and len(found) > 1 else stream
        for each in found:
            if wanted in (None, each.stream):
                return each
        raise self._no_such_input(component, stream, found)

    def _of(self, component: str | None) -> Iterator[Input]:
        for source, streams in self.fields.items():
            if component in (None, source):
                yield from (Input(source, stream, fields) for stream, fields in streams.items())

    def _no_such_input(
        self, component: str | None, stream: str | None, found: Sequence[Input]
    ) -> HarnessError:
        names = list(dict.fromkeys(each.stream for each in found))
        if stream is None:
            return HarnessError(
                f"{self.bolt} has inputs on the streams {names}; name one with stream="
            )
        of = "" if component is None else f" of {component!r}"
        near = did_you_mean(stream, names) or f"; its streams are {names}"
        return HarnessError(f"{self.bolt} has no input from stream {stream!r}{of}{near}")

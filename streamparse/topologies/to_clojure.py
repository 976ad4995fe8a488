"""Writes a topology as a Clojure file, and says what that form cannot hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from simulator.model import Component, Grouping, Topology
from streamparse.topologies.written import PLAIN_GROUPINGS, Writer, Written

__all__ = ["to_clojure"]

_INDENT = " " * 10


def to_clojure(topology: Topology, *, package: str, python: str) -> Written:
    """Return the text of a Clojure file.

    Args:
        topology: what it is to define.
        package: of Storm's classes in this version, ``org.apache.storm`` or ``backtype.storm``.
        python: the interpreter of components that ``options`` name.

    Raises:
        Unwritable: with a line for each part that the form has no words for.
    """
    return _Writer(topology, package, python).written()


class _Writer(Writer):
    def __init__(self, topology: Topology, package: str, python: str) -> None:
        super().__init__(topology, package, python)
        self._needs_dsl = False

    def written(self) -> Written:
        name = self._topology.name
        maps = [self._map(kind) for kind in ("spout", "bolt")]
        for key, value in self._topology.conf.items():
            setting = f"{key}={json.dumps(value) if not isinstance(value, str) else value}"
            self._lost.append(
                f"config of the topology: give -o '{setting}', or put it into options of the environment"
            )
        libraries = ["[streamparse.specs]"]
        libraries += [f"[{self._package}.clojure]"] if self._needs_dsl else []
        text = (
            f"(ns {name}\n  (:use {' '.join(libraries)})\n  (:gen-class))\n\n"
            f"(defn {name} [options]\n  [\n    ;; the spouts\n    {maps[0]}\n\n    ;; the bolts\n    {maps[1]}\n  ])\n"
        )
        return self._finished(text)

    def _map(self, kind: str) -> str:
        every = [each for each in self._topology.components.values() if each.kind == kind]
        pairs = [f"{_text(each.id)} {self._spec(each)}" for each in every]
        return _map_of(pairs, " " * 5)

    def _spec(self, component: Component) -> str:
        parts = [*self._parts(component)]
        if component.parallelism is not None:
            parts.append(f":p {component.parallelism}")
        if component.conf:
            parts.append(f":conf {_value(component.conf)}")
        return f"({parts[0]}" + "".join(f"\n{_INDENT}{each}" for each in parts[1:]) + ")"

    def _parts(self, component: Component) -> Iterator[str]:
        inputs = [self._inputs(component)] if component.kind == "bolt" else []
        if component.python_class is not None:
            if component.command and component.command[0] != self._python:
                yield from self._program(component, inputs)
                return
            yield f"python-{component.kind}-spec"
            yield "options"
            yield from inputs
            yield _text(component.python_class)
            yield self._outputs(component)
        elif component.command is not None:
            yield from self._program(component, inputs)
        else:
            yield from self._java(component, inputs)

    def _program(self, component: Component, inputs: list[str]) -> Iterator[str]:
        self._needs_dsl = True
        yield f"shell-{component.kind}-spec"
        yield from inputs
        yield f"[{' '.join(map(_text, component.command or ()))}]"
        yield self._outputs(component)

    def _java(self, component: Component, inputs: list[str]) -> Iterator[str]:
        self._needs_dsl = True
        if component.serialized is not None:
            self._refuse(component, "serialized_java has no form in Clojure")
        if component.outputs:
            self._lost.append(f"outputs of {component.id}: its Java class declares them")
        yield f"{component.kind}-spec"
        yield from inputs
        arguments = self._arguments(component, component.java_arguments)
        yield f"({component.jvm_class}.{arguments})"

    def _outputs(self, component: Component) -> str:
        outputs = component.outputs
        is_any_direct = any(each.direct for each in outputs.values())
        self._needs_dsl = self._needs_dsl or is_any_direct
        if list(outputs) == ["default"] and not is_any_direct:
            return _vector(outputs["default"].fields)
        pairs = (
            f"{_text(name)} {f'(direct-stream {_vector(each.fields)})' if each.direct else _vector(each.fields)}"
            for name, each in outputs.items()
        )
        return f"{{{' '.join(pairs)}}}"

    def _inputs(self, component: Component) -> str:
        pairs = [
            f"{_source(source, stream)} {self._grouping(component, grouping)}"
            for (source, stream), grouping in component.inputs.items()
        ]
        return _map_of(pairs, f"{_INDENT} ")

    def _grouping(self, component: Component, grouping: Grouping) -> str:
        if grouping.kind in PLAIN_GROUPINGS:
            return f":{grouping.kind}"
        if grouping.kind == "fields":
            return _vector(grouping.fields)
        if grouping.kind == "partial-key":
            fields = f" (backtype.storm.tuple.Fields. {_vector(grouping.fields)})"
            fields = fields.replace("backtype.storm", self._package)
            return (
                f"({self._package}.grouping.PartialKeyGrouping.{fields if grouping.fields else ''})"
            )
        if grouping.serialized is not None:
            self._refuse(component, "Grouping.custom_serialized has no form in Clojure")
        return f"({grouping.java_class}.{self._arguments(component, grouping.java_arguments)})"

    def _arguments(self, component: Component, arguments: tuple[object, ...] | None) -> str:
        if arguments is None or any(isinstance(each, bytes) for each in arguments):
            self._refuse(
                component, "arguments of a Java class that are no booleans, numbers or texts"
            )
            return ""
        return "".join(f" {_value(each)}" for each in arguments)


def _map_of(pairs: list[str], indent: str) -> str:
    return "{" + f"\n{indent}".join(pairs) + "}"


def _source(source: str, stream: str) -> str:
    return _text(source) if stream == "default" else f"[{_text(source)} {_text(stream)}]"


def _vector(names: tuple[str, ...]) -> str:
    return f"[{' '.join(map(_text, names))}]"


def _text(text: str) -> str:
    return json.dumps(text)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{' '.join(f'{_text(str(key))} {_value(each)}' for key, each in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{' '.join(map(_value, value))}]"
    return "nil" if value is None else json.dumps(value)

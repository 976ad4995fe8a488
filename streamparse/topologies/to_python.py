"""Writes a topology as a Python class, and says what that form cannot hold."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from simulator.model import Component, Grouping, Stream, Topology
from streamparse.topologies.written import PLAIN_GROUPINGS, Writer, Written

__all__ = ["to_python"]

_MOST_COLUMNS = 88
#: The classes of streamparse whose ``spec()`` the file may call.
_MAKERS = frozenset(f"{first}{kind}" for first in ("Shell", "Java") for kind in ("Spout", "Bolt"))
_OWN_SPEC = "outputs= in spec() is read here; streamparse 3 to 5 takes outputs from the class of the component"


def to_python(topology: Topology, *, package: str, python: str) -> Written:
    """Return the text of a file with a class; the arguments are those of ``to_clojure``.

    Raises:
        Unwritable: with a line for each part that the form has no words for.
    """
    return _Writer(topology, package, python).written()


class _Writer(Writer):
    def __init__(self, topology: Topology, package: str, python: str) -> None:
        super().__init__(topology, package, python)
        self._words: set[str] = {"Topology"}  # of streamparse
        self._needs_stream_ids = False
        self._class = _class_name(topology.name)
        self._classes = _classes(topology, self._class)
        self._attributes = _attributes(topology, self._classes.values())
        self._defined: set[str] = set()

    def written(self) -> Written:
        body = []
        if self._topology.conf:
            body.append(f"    config = {_literal(self._topology.conf)}")
        for component in self._topology.components.values():
            body.append(self._component(component))
            self._defined.add(component.id)
        if any(each.python_class for each in self._topology.components.values()):
            self._lost.append(_OWN_SPEC)
        head = [f"from streamparse import {', '.join(sorted(self._words))}"]
        if self._needs_stream_ids:
            head.append("from streamparse.thrift import GlobalStreamId")
        imports = [*_imports(self._classes)]
        text = "\n".join(
            [*head, "", *imports, "", "", f"class {self._class}(Topology):", *body, ""]
        )
        return self._finished(text)

    def _component(self, component: Component) -> str:
        attribute = self._attributes[component.id]
        arguments = [] if attribute == component.id else [f"name={_literal(component.id)}"]
        made = self._made(component, arguments)
        if component.inputs or component.kind == "bolt":
            arguments.append(f"inputs={self._inputs(component)}")
        if component.parallelism is not None:
            arguments.append(f"par={component.parallelism}")
        if component.conf:
            arguments.append(f"config={_literal(component.conf)}")
        if component.outputs or component.python_class is not None:
            arguments.append(f"outputs={self._outputs(component.outputs)}")
        line = f"    {attribute} = {made}.spec({', '.join(arguments)})"
        if "\n" not in line and len(line) <= _MOST_COLUMNS:
            return line
        lines = "".join(f"        {each},\n" for each in arguments)
        return f"    {attribute} = {made}.spec(\n{lines}    )"

    def _made(self, component: Component, arguments: list[str]) -> str:
        """Return the class whose ``spec`` makes the component, and add the arguments that say what it runs."""
        command = component.command
        kind = component.kind.capitalize()
        if component.python_class is not None:
            if command and command[0] != self._python:
                self._lost.append(
                    f"the interpreter of {component.id}, {command[0]}: topology.python.path sets that of all"
                )
            return self._classes[component.python_class]
        if command is not None:
            if len(command) != 2:
                words = " ".join(command)
                why = f"[{words}] has {len(command)} words, and ShellBolt has two: a command, and one argument"
                self._refuse(component, why)
            else:
                arguments += [f"command={_literal(command[0])}", f"script={_literal(command[1])}"]
            self._words.add(f"Shell{kind}")
            return f"Shell{kind}"
        self._words.add(f"Java{kind}")
        if component.serialized is not None:
            arguments.append(f"serialized_java={component.serialized!r}")
            return f"Java{kind}"
        arguments.append(f"full_class_name={_literal(component.jvm_class)}")
        values = self._java_arguments(component, component.java_arguments)
        if values:
            arguments.append(f"args_list={values}")
        if not component.outputs:
            self._lost.append(
                f"outputs of {component.id}: its Java class declares them; name them with outputs=[...]"
            )
        return f"Java{kind}"

    def _inputs(self, component: Component) -> str:
        if not component.inputs:
            return "{}"
        pairs = "".join(
            f"            {self._source(source, stream)}: {self._grouping(component, grouping)},\n"
            for (source, stream), grouping in component.inputs.items()
        )
        return f"{{\n{pairs}        }}"

    def _source(self, source: str, stream: str) -> str:
        if source not in self._defined:
            self._needs_stream_ids = True
            return f"GlobalStreamId(componentId={_literal(source)}, streamId={_literal(stream)})"
        attribute = self._attributes[source]
        return attribute if stream == "default" else f"{attribute}[{_literal(stream)}]"

    def _grouping(self, component: Component, grouping: Grouping) -> str:
        self._words.add("Grouping")
        if grouping.kind in PLAIN_GROUPINGS:
            return f"Grouping.{grouping.kind.replace('-', '_').upper()}"
        if grouping.kind == "fields":
            return f"Grouping.fields({', '.join(map(_literal, grouping.fields))})"
        if grouping.kind == "partial-key":
            if grouping.fields:
                self._refuse(
                    component, "a PartialKeyGrouping of fields: its argument is no basic value"
                )
            return f"Grouping.custom_object({_literal(f'{self._package}.grouping.PartialKeyGrouping')})"
        if grouping.serialized is not None:
            return f"Grouping.custom_serialized({grouping.serialized!r})"
        values = self._java_arguments(component, grouping.java_arguments)
        more = f", {values}" if values else ""
        return f"Grouping.custom_object({_literal(grouping.java_class)}{more})"

    def _java_arguments(self, component: Component, arguments: tuple[object, ...] | None) -> str:
        if arguments is None:
            self._refuse(
                component, "arguments of a Java class that are no booleans, numbers or texts"
            )
        return _literal(arguments) if arguments else ""

    def _outputs(self, outputs: Mapping[str, Stream]) -> str:
        plain = outputs.get("default")
        if list(outputs) == ["default"] and plain is not None and plain.fields and not plain.direct:
            return _literal(plain.fields)
        if outputs:
            self._words.add("Stream")
        streams = (
            f"Stream({_literal(each.fields)}"
            + (f", name={_literal(name)}" if name != "default" else "")
            + (", direct=True)" if each.direct else ")")
            for name, each in outputs.items()
        )
        return f"[{', '.join(streams)}]"


def _imports(classes: Mapping[str, str]) -> Iterator[str]:
    """The lines that import classes, one for each module; ``classes`` has the name in the file for each."""
    by_module: dict[str, list[str]] = {}
    for dotted, known in sorted(classes.items()):
        module, _, name = dotted.rpartition(".")
        by_module.setdefault(module, []).append(name if known == name else f"{name} as {known}")
    for module, names in sorted(by_module.items()):
        yield f"from {module} import {', '.join(names)}"


def _literal(value: object) -> str:
    """Return a basic value as Python writes it, texts in double quotes."""
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return quoted if quoted.isprintable() and "\\" not in quoted else repr(value)
    if isinstance(value, Mapping):
        inside = (f"{_literal(key)}: {_literal(each)}" for key, each in value.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)


def _class_name(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    made = "".join(f"{word[0].upper()}{word[1:]}" for word in words) or "Main"
    is_taken = made[0].isdigit() or made == "Topology" or keyword.iskeyword(made)
    return f"Topology{made}" if is_taken else made


def _attributes(topology: Topology, classes: Collection[str]) -> dict[str, str]:
    """Return the attribute of the class for each id: the id itself, if it can be one.

    Args:
        topology: has the components.
        classes: the names of their classes in the file, which an attribute must not hide from those below it.
    """
    used = {"Grouping", "Stream", "GlobalStreamId", *_MAKERS, *classes}
    taken = {"config", "specs", "suspicious", *used}
    found: dict[str, str] = {}
    for name in topology.components:
        plain = re.sub(r"\W", "_", name)
        if plain in used:
            plain = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
        if not plain.isidentifier() or plain.startswith("__") or keyword.iskeyword(plain):
            plain = f"c_{plain.lstrip('_')}"
        found[name] = next(each for each in _numbered(plain) if each not in taken)
        taken.add(found[name])
    return found


def _classes(topology: Topology, own: str) -> dict[str, str]:
    """Return the name in the file for each class of a component; classes of one name in several modules get numbers."""
    taken = {own, "Topology", "Grouping", "Stream", "GlobalStreamId", *_MAKERS}
    found: dict[str, str] = {}
    for component in topology.components.values():
        dotted = component.python_class
        if dotted is not None and dotted not in found:
            name = dotted.rpartition(".")[2]
            found[dotted] = next(each for each in _numbered(name) if each not in taken)
            taken.add(found[dotted])
    return found


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))

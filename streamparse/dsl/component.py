"""Specs: what the body of a topology's class holds for each component.

Source of the rules: ``streamparse/dsl/component.py`` of 3.16.0 to 5.0.1; ``outputs=`` in the spec of a Python
component is that of pystorm-a8c.
"""

from __future__ import annotations

import types

from streamparse.dsl.mistakes import Line, Mistake, kind_of, plain, users_line
from streamparse.dsl.stream import Grouping, Stream, java_arguments
from streamparse.starting import Runnable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

__all__ = [
    "ComponentSpec",
    "GlobalStreamId",
    "class_without_call",
    "java_spec",
    "python_spec",
    "shell_spec",
]

_INPUTS_EXAMPLE = "expected {word_spout: Grouping.SHUFFLE}, or a list of specs"
_GROUPINGS = (
    'Grouping.SHUFFLE, LOCAL_OR_SHUFFLE, ALL, GLOBAL, NONE, DIRECT or Grouping.fields("field")'
)
_ABSENT = object()  # of a class attribute


class GlobalStreamId:
    """A stream of a component: that of a spec, or of an id for a component that is defined later (a loop).

    Args:
        componentId: the id of the component, or its spec.
        streamId: the name of the stream.
    """

    def __init__(
        self,
        componentId: Any = None,
        streamId: Any = "default",
    ) -> None:
        self.componentId = componentId
        self.streamId = streamId

    def __repr__(self) -> str:
        return f"GlobalStreamId(componentId={self.componentId!r}, streamId={self.streamId!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GlobalStreamId) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, object]:
        whose = self.componentId
        return (id(whose) if isinstance(whose, ComponentSpec) else whose), self.streamId


class ComponentSpec:
    """A component as a topology's class declares it.

    Attributes:
        kind: "spout" or "bolt".
        name: its id, where ``name=`` gives one; in a class that of the attribute without.
        attribute: the attribute of the class that it is, once there is a class.
        component_class: the class whose ``spec()`` made it.
        python_class: its dotted name, for a Python component.
        command: the command and the script, for a program.
        java: the class and the arguments, or the bytes of an object, for a Java component.
        inputs: the streams that it takes, each with its grouping.
        input_numbers: of each of them, which one it is of those that were written.
        outputs: the streams that it emits on, by name.
        outputs_owner: the class that declares them; None where the spec does.
        par: the number of its executors, or such numbers by environment.
        config: its own settings; None: none.
        line: where ``spec()`` was called.
        mistakes: what is wrong with the arguments.
    """

    def __init__(self, kind: Literal["spout", "bolt"], cls: type, line: Line) -> None:
        self.kind = kind
        self.component_class = cls
        self.line = line
        self.name: str | None = None
        self.attribute: str | None = None
        self.python_class: str | None = None
        self.command: tuple[str, str] | None = None
        self.java: tuple[str, tuple[object, ...]] | bytes | None = None
        self.inputs: list[tuple[GlobalStreamId, Grouping]] = []
        self.input_numbers: list[int] = []
        self.outputs: dict[str, Stream] = {}
        self.outputs_owner: type | None = None
        self.par: int | dict[str, int] | None = None
        self.config: Mapping[object, object] | None = None
        self.parameters: tuple[str, ...] = ()
        self.mistakes: list[Mistake] = []

    def note(self, finding: str, remedy: str, *part: str | int) -> None:
        """Keep a mistake in one part of the spec."""
        self.mistakes.append(Mistake(finding, remedy, part=part, line=self.line))

    @property
    def id(self) -> str:
        """Its id in the topology: its name, or the attribute that it is."""
        return self.name or self.attribute or self.component_class.__name__

    def __getitem__(self, stream: str) -> GlobalStreamId:
        """Return the stream of this name, for the inputs of another component."""
        return GlobalStreamId(self, stream)

    def __repr__(self) -> str:
        return f"{self.component_class.__name__}.spec(name={self.id!r})"


# -- the three kinds of components ------------------------------------------------------------------------------


def python_spec(
    cls: type,
    kind: Literal["spout", "bolt"],
    given: Mapping[str, object],
    unknown: Mapping[str, object],
) -> ComponentSpec:
    """Return the spec of a component in Python.

    Args:
        cls: its class.
        kind: which of the two it is.
        given: the arguments by name, in the order of ``spec()``.
        unknown: arguments of other names.
    """
    spec = _begun(cls, kind, given, unknown)
    spec.python_class = f"{cls.__module__}.{cls.__qualname__}"
    if "<" in spec.python_class:
        remedy = "expected a class at the top of a module"
        spec.note(f"{cls.__name__} is defined in a function", remedy)
    _set_outputs(spec, given.get("outputs"))
    return _finished(spec, given)


def shell_spec(
    cls: type,
    kind: Literal["spout", "bolt"],
    given: Mapping[str, object],
    unknown: Mapping[str, object],
) -> ComponentSpec:
    """Return the spec of a component that is a program; the arguments are those of ``python_spec``."""
    spec = _begun(cls, kind, given, unknown)
    command, script = given["command"], given["script"]
    if not isinstance(command, str) or not command:
        spec.note(f"command is {kind_of(command)}", 'expected a program, such as "node"', "command")
    if not isinstance(script, str):
        remedy = 'expected the one argument of the command, such as "bolt.js"; it may be ""'
        spec.note(f"script is {kind_of(script)}", remedy, "script")
    if isinstance(command, str) and isinstance(script, str):
        spec.command = plain(command), plain(script)
    _set_outputs(spec, given["outputs"])
    return _finished(spec, given)


def java_spec(
    cls: type,
    kind: Literal["spout", "bolt"],
    given: Mapping[str, object],
    unknown: Mapping[str, object],
) -> ComponentSpec:
    """Return the spec of a component in Java; the arguments are those of ``python_spec``."""
    spec = _begun(cls, kind, given, unknown)
    serialized, name = given["serialized_java"], given["full_class_name"]
    arguments, wrong = java_arguments(given["args_list"])
    if wrong:
        spec.note(wrong, "expected a list of booleans, numbers, texts and bytes", "args_list")
    if serialized is not None and not isinstance(serialized, bytes):
        found = f"serialized_java is {kind_of(serialized)}"
        spec.note(found, "expected bytes", "serialized_java")
    elif serialized is not None and (name is not None or given["args_list"]):
        remedy = "expected one of serialized_java and full_class_name"
        spec.note("both an object and a class are given", remedy, "serialized_java")
    elif serialized is not None:
        spec.java = serialized
    elif isinstance(name, str) and name:
        spec.java = plain(name), arguments
    else:
        remedy = 'expected the class with its package, as "my.package.Bolt"'
        spec.note(f"full_class_name is {kind_of(name)}", remedy, "full_class_name")
    _set_outputs(spec, given["outputs"])
    return _finished(spec, given)


def _begun(
    cls: type,
    kind: Literal["spout", "bolt"],
    given: Mapping[str, object],
    unknown: Mapping[str, object],
) -> ComponentSpec:
    spec = ComponentSpec(kind, cls, users_line())
    spec.parameters = tuple(given)
    for name in unknown:
        from difflib import get_close_matches

        near = get_close_matches(name, given, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(given)}"
        spec.note(f"spec() has no argument {name}", hint, name)
    return spec


def _finished(spec: ComponentSpec, given: Mapping[str, object]) -> ComponentSpec:
    name = given["name"]
    if name is not None and (not isinstance(name, str) or not name):
        spec.note(f"name is {kind_of(name)}", "expected a text, the id of the component", "name")
    elif isinstance(name, str):
        spec.name = plain(name)
    _set_par(spec, given["par"])
    _set_config(spec, given["config"])
    if spec.kind == "bolt":
        _set_inputs(spec, given["inputs"])
    return spec


# -- the parts ---------------------------------------------------------------------------------------------------


def _of_class(spec: ComponentSpec, name: str) -> object:
    """The attribute of the class, or ``_ABSENT`` where it has none or it is no value (a method, a property)."""
    value = getattr(spec.component_class, name, None)
    is_value = value is not None and not callable(value) and not isinstance(value, property)
    return value if is_value else _ABSENT


def _set_par(spec: ComponentSpec, given: object) -> None:
    par = _of_class(spec, "par") if given is None else given
    if par is _ABSENT:
        return
    if isinstance(par, dict):
        for environment, number in par.items():
            if not isinstance(environment, str):
                found = f"an environment of par is {kind_of(environment)}"
                spec.note(found, 'expected its name, as in {"prod": 4}', "par")
            elif not _is_count(number):
                found = f"par for {environment!r} is {kind_of(number)}"
                spec.note(found, "expected a whole number of at least 1", "par")
        spec.par = {
            plain(key): plain(number)
            for key, number in par.items()
            if isinstance(key, str) and _is_count(number)
        }
    elif _is_count(par):
        spec.par = plain(par)
    else:
        remedy = (
            'expected a whole number of at least 1, or such numbers by environment: {"prod": 4}'
        )
        spec.note(f"par is {kind_of(par)}", remedy, "par")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 1 << 31


def _set_config(spec: ComponentSpec, given: object) -> None:
    config = _of_class(spec, "config") if given is None else given
    if config is _ABSENT:
        return
    if isinstance(config, dict):
        spec.config = config
    else:
        remedy = "expected a dict of settings"
        spec.note(f"config is {kind_of(config)}", remedy, "config")


def _set_outputs(spec: ComponentSpec, given: object) -> None:
    outputs = given
    if outputs is None:
        outputs = _of_class(spec, "outputs")
        owners = (each for each in spec.component_class.__mro__ if "outputs" in vars(each))
        spec.outputs_owner = next(owners, None)
    if outputs is _ABSENT:
        return
    if not isinstance(outputs, (list, tuple)):
        more = f": [{outputs!r}]" if isinstance(outputs, str) else ""
        remedy = f"expected a list of field names, or of Streams{more}"
        spec.note(f"outputs is {kind_of(outputs)}", remedy, "outputs")
        return
    fields: list[str] = []
    for place, each in enumerate(outputs):
        if isinstance(each, str):
            fields.append(each)
        elif isinstance(each, Stream):
            spec.mistakes += each.mistakes
            _declare(spec, each, place)
        else:
            remedy = "expected names of fields, and Streams"
            spec.note(f"outputs has {kind_of(each)}", remedy, "outputs", place)
    if fields:
        _declare(spec, Stream(fields), 0)


def _declare(spec: ComponentSpec, stream: Stream, place: int) -> None:
    if not isinstance(stream.name, str):
        return  # which is among its mistakes
    if stream.name in spec.outputs:
        found = f"outputs declares the stream {stream.name!r} twice"
        spec.note(found, "give each its own name: Stream(fields, name=...)", "outputs", place)
    spec.outputs[stream.name] = stream


def _set_inputs(spec: ComponentSpec, inputs: object) -> None:
    if inputs is None:
        return
    if isinstance(inputs, ComponentSpec):
        _subscribe_all(spec, [inputs])
    elif isinstance(inputs, dict):
        for place, (key, grouping) in enumerate(inputs.items()):
            _subscribe(spec, place, key, grouping)
    elif isinstance(inputs, (list, tuple)):
        _subscribe_all(spec, inputs)
    else:
        is_stream = isinstance(inputs, GlobalStreamId)
        remedy = "put it into a list: [spec['stream']]" if is_stream else _INPUTS_EXAMPLE
        spec.note(f"inputs is {kind_of(inputs)}", remedy, "inputs")


def _subscribe_all(spec: ComponentSpec, sources: Iterable[object]) -> None:
    """Subscribe without a grouping: a shuffle, or what the default stream of a spec needs, if that is direct."""
    for place, source in enumerate(sources):
        declared = source.outputs.get("default") if isinstance(source, ComponentSpec) else None
        is_direct = declared is not None and declared.direct is True
        _subscribe(spec, place, source, Grouping.DIRECT if is_direct else Grouping.SHUFFLE)


def _subscribe(spec: ComponentSpec, place: int, source: object, grouping: object) -> None:
    stream = GlobalStreamId(source) if isinstance(source, ComponentSpec) else source
    if not isinstance(stream, GlobalStreamId):
        spec.note(f"an input is {kind_of(source)}", _source_remedy(source), "inputs", place)
    elif not isinstance(stream.streamId, str):
        found = f"the stream of an input is {kind_of(stream.streamId)}"
        spec.note(found, "expected its name", "inputs", place)
    elif not isinstance(stream.componentId, (str, ComponentSpec)) or not stream.componentId:
        found = f"the component of an input is {kind_of(stream.componentId)}"
        spec.note(found, "expected its id, or its spec", "inputs", place)
    elif not isinstance(grouping, Grouping):
        found = f"the grouping of an input is {kind_of(grouping)}"
        spec.note(found, _grouping_remedy(grouping), "groupings", place)
    else:
        for mistake in grouping.mistakes:
            spec.note(mistake.finding, mistake.remedy, "groupings", place)
        before = next((known for each, known in spec.inputs if each == stream), grouping)
        if before != grouping:
            found = f"takes the same stream by {before!r}, and by {grouping!r}"
            spec.note(found, "expected one grouping for each stream", "inputs", place)
        spec.inputs.append((stream, grouping))
        spec.input_numbers.append(place)


def class_without_call(value: object) -> type[Runnable] | None:
    """Return the class of a component, if a value is that class, or its ``spec`` that was not called."""
    owner = value.__self__ if isinstance(value, types.MethodType) else value
    is_spec = owner is value or getattr(value, "__name__", "") == "spec"
    return owner if is_spec and isinstance(owner, type) and issubclass(owner, Runnable) else None


def _source_remedy(source: object) -> str:
    if owner := class_without_call(source):
        return f"expected a spec: the attribute of this class that is {owner.__name__}.spec()"
    if isinstance(source, str):
        return (
            "expected a spec: the attribute of this class, without quotes; for one that is defined later "
            f"GlobalStreamId(componentId={source!r}, streamId='default')"
        )
    return "expected a spec, a stream of one as spec['stream'], or a GlobalStreamId"


def _grouping_remedy(grouping: object) -> str:
    if isinstance(grouping, str):
        known = grouping.lstrip(":").replace("-", "_").upper()
        is_kind = isinstance(getattr(Grouping, known, None), Grouping)
        return (
            f"expected Grouping.{known}" if is_kind else f"expected Grouping.fields({grouping!r})"
        )
    if isinstance(grouping, (list, tuple)) and all(isinstance(each, str) for each in grouping):
        return f"expected Grouping.fields({', '.join(map(repr, grouping))})"
    if callable(grouping):
        return 'expected a call: Grouping.fields("field")'
    return f"expected {_GROUPINGS}"

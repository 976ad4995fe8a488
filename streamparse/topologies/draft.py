"""A topology's class as a value: what is read of it once, and what it becomes for an environment and settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.model import (
    PYTHON,
    Component,
    Grouping,
    Place,
    Problem,
    Stream,
    Topology,
    TopologyError,
    did_you_mean,
    find_problems,
    find_warnings,
    listed,
    profile,
)
from streamparse import dsl
from streamparse.dsl import ComponentSpec, GlobalStreamId, Mistake, plain
from streamparse.topologies.class_places import ClassText, outputs_place

if TYPE_CHECKING:
    from streamparse.dsl import TopologyType

__all__ = ["Draft", "draft_of", "finished", "shown_file"]


@dataclass(frozen=True)
class Draft:
    """A topology's class, before it is known how it runs.

    Attributes:
        topology: the topology; components whose ``par`` depends on the environment have none.
        parallelism: by such components the numbers by environment.
        problems: the mistakes in the class itself.
        warnings: what is suspicious in it.
        unknown_outputs, unknown_inputs: the ids of components whose outputs or inputs have mistakes.
        files: the files that it depends on, and their stamps.
    """

    topology: Topology
    parallelism: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    unknown_outputs: frozenset[str] = frozenset()
    unknown_inputs: frozenset[str] = frozenset()
    files: tuple[tuple[str, int, int], ...] = ()


def shown_file(file: str, path: str) -> str:
    """Return the path of a file as messages show it: from the working directory, if the topology's is shown so.

    Args:
        file: the absolute path of a file.
        path: the path of the topology's file, as it was given; it is shown like this.
    """
    if Path(file) == Path(path).absolute():
        return path
    if Path(path).is_absolute():
        return file
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return file


# -- from the class ----------------------------------------------------------------------------------------------


def draft_of(
    cls: TopologyType,
    *,
    name: str,
    file: str,
    path: str,
    python: str,
    mistakes: Sequence[Mistake] = (),
    own_module: str | None = None,
) -> Draft:
    """Return what a class says.

    Args:
        cls: the class.
        name: of the topology.
        file: the absolute path of the file of the class.
        path: the same, as messages show it.
        python: the interpreter of its components.
        mistakes: those that the class itself has raised.
        own_module: the module of the topology's file, where workers cannot import from it.
    """
    line = next((each.line[1] for each in cls.specs), 0)
    text = ClassText(file, path, cls.__name__, line)
    return _Drafting(cls, name, path, python, text, own_module).draft(mistakes)


class _Drafting:
    """Makes a draft of a class."""

    def __init__(
        self,
        cls: TopologyType,
        name: str,
        path: str,
        python: str,
        text: ClassText,
        own_module: str | None,
    ) -> None:
        self._cls = cls
        self._name = name
        self._path = path
        self._python = python
        self._text = text
        self._own_module = own_module
        self._problems: list[Problem] = []
        self._marks = {id(spec): text.marks(spec.attribute, spec.parameters) for spec in cls.specs}

    def draft(self, mistakes: Sequence[Mistake]) -> Draft:
        components = {each.id: self._component(each) for each in self._cls.specs}
        ordered = sorted(components.values(), key=lambda each: each.kind != "spout")
        for spec in self._cls.specs:
            self._check_module(spec)
            self._check_outputs(spec)
        conf = self._json(self._cls.__dict__.get("config"), None)
        if not any(each.kind == "spout" for each in ordered):
            remedy = "expected one at least: word_spout = WordSpout.spec()"
            self._problems.append(
                Problem(self._text.place, None, "the topology has no spout", remedy)
            )
        topology = Topology(
            self._name,
            {each.id: each for each in ordered},
            self._path,
            Place(self._path),
            conf=conf,
        )
        return Draft(
            topology,
            {
                spec.id: dict(spec.par)
                for spec in self._cls.specs
                if isinstance(spec.par, dict)
                and spec.par
                and not any(each.part == ("par",) for each in spec.mistakes)
            },
            (*self._problems, *map(self._problem, mistakes)),
            tuple(map(self._problem, self._cls.suspicious)),
            frozenset(self._with_mistakes("outputs")),
            frozenset(self._with_mistakes("inputs", "groupings")),
        )

    def _with_mistakes(self, *parts: str) -> Iterator[str]:
        for spec in self._cls.specs:
            found = (mistake.part[:1] for mistake in spec.mistakes)
            if any(part and part[0] in parts for part in found):
                yield spec.id

    # -- one component

    def _component(self, spec: ComponentSpec) -> Component:
        java = spec.java
        command = self._command(spec)
        return Component(
            spec.id,
            spec.kind,
            command=command,
            python_class=spec.python_class,
            inputs=dict(self._inputs(spec)),
            outputs={
                stream.name: Stream(tuple(map(str, stream.fields)), stream.direct is True)
                for stream in spec.outputs.values()
            },
            conf=self._json(spec.config, spec),
            parallelism=spec.par if isinstance(spec.par, int) else None,
            jvm_class=java[0] if isinstance(java, tuple) else "" if java is not None else None,
            java_arguments=java[1] if isinstance(java, tuple) else (),
            serialized=java if isinstance(java, bytes) else None,
            place=self._place(spec),
            marks=dict(self._named_marks(spec)),
            notation=PYTHON,
        )

    def _command(self, spec: ComponentSpec) -> tuple[str, ...] | None:
        if spec.python_class is not None:
            return (self._python, "-m", "streamparse.run", spec.python_class)
        return spec.command

    def _inputs(self, spec: ComponentSpec) -> Iterator[tuple[tuple[str, str], Grouping]]:
        for stream, grouping in spec.inputs:
            yield _source(stream), _grouping(grouping)

    def _check_module(self, spec: ComponentSpec) -> None:
        module = spec.component_class.__module__
        if spec.python_class is not None and module == self._own_module:
            cls = spec.component_class.__name__
            found = f"{cls} is defined in the file of the topology, which no worker can import"
            remedy = f"expected it in a module in src/, such as src/bolts/{self._name}.py"
            self._problems.append(Problem(self._place(spec), spec.id, found, remedy))

    def _check_outputs(self, spec: ComponentSpec) -> None:
        has_mistakes = any(each.part[:1] == ("outputs",) for each in spec.mistakes)
        if spec.kind == "bolt" or spec.java is not None or spec.outputs or has_mistakes:
            return
        remedy = f'name its fields in the class {spec.component_class.__name__}: outputs = ["word"]'
        if spec.command is not None:
            remedy = 'name its fields: outputs=["word"]'
        place = self._place(spec, ("outputs",))
        self._problems.append(
            Problem(place, spec.id, "a spout without outputs, which can emit nothing", remedy)
        )

    # -- values

    def _json(self, given: object, spec: ComponentSpec | None) -> dict[str, object]:
        """Return settings as JSON carries them; note those that it cannot."""
        found: dict[str, object] = {}
        for key, value in given.items() if isinstance(given, Mapping) else ():
            name = plain(key) if isinstance(key, str) else json.dumps(key) if _is_plain(key) else ""
            try:
                if not name:
                    raise TypeError(f"the key is a {type(key).__name__}")
                found[name] = json.loads(json.dumps(value, allow_nan=False))
            except (TypeError, ValueError, RecursionError) as error:
                reason = str(error).removeprefix("Object of type ").split("\n")[0]
                finding = f"config: the value of {str(key)!r} is not JSON: {reason}"
                remedy = "expected numbers, texts, True, False, None, lists and dicts"
                part: tuple[str | int, ...] = ("config", str(key))
                own = self._text.attribute("config") or self._text.place
                place = own if spec is None else self._place(spec, part)
                whom = None if spec is None else spec.id
                self._problems.append(Problem(place, whom, finding, remedy))
        return found

    # -- places

    def _place(self, spec: ComponentSpec, part: tuple[str | int, ...] = ()) -> Place:
        """The place of a part of a spec; that of its attribute, where the part has none of its own."""
        marks = self._marks.get(id(spec), {})
        found = marks.get(part) or marks.get(part[:1]) if part else None
        file, line = spec.line
        there = shown_file(file, self._path)
        own = self._text.attribute(spec.attribute) if there == self._path else None
        return found or own or Place(there, line)

    def _named_marks(self, spec: ComponentSpec) -> Iterator[tuple[tuple[str, ...], Place]]:
        """The places of the parts of a component, by the names that a topology has for them."""
        marks = self._marks.get(id(spec), {})
        for part, place in marks.items():
            if part == ("par",):
                yield ("p",), place
            elif part == ("inputs",):
                yield ("inputs",), place
            elif part[0] == "config" and len(part) == 2:
                yield ("conf", str(part[1])), place
        keys = [_source(stream) for stream, _ in spec.inputs]
        for number, key in zip(spec.input_numbers, keys, strict=True):
            for what in ("inputs", "groupings"):
                if (what, number) in marks:
                    yield (what, *key), marks[what, number]
        declared = marks.get(("outputs",)) or self._place_of_outputs(spec)
        if declared is not None:
            yield from ((("outputs", name), declared) for name in spec.outputs)

    def _place_of_outputs(self, spec: ComponentSpec) -> Place | None:
        owner = spec.outputs_owner
        file = None if owner is None else _file_of(owner)
        if owner is None or file is None:
            return None
        return outputs_place(file, shown_file(file, self._path), owner.__qualname__)

    def _problem(self, mistake: Mistake) -> Problem:
        return Problem(self._place_of(mistake), mistake.component, mistake.finding, mistake.remedy)

    def _place_of(self, mistake: Mistake) -> Place:
        if mistake.part[:1] == ("attribute",):
            return self._text.attribute(str(mistake.part[1])) or self._text.place
        if mistake.component is None and mistake.part == ("config",):
            return self._text.attribute("config") or self._text.place
        spec = next((each for each in self._cls.specs if mistake in each.mistakes), None)
        if spec is None:
            spec = next((each for each in self._cls.specs if each.id == mistake.component), None)
        if spec is not None and (mistake.line == spec.line or not mistake.line[0]):
            return self._place(spec, mistake.part)
        file, line = mistake.line
        return Place(shown_file(file, self._path), line) if file else self._text.place


def _grouping(written: dsl.Grouping) -> Grouping:
    name = written.java_class or ""
    if name.rpartition(".")[2] == "PartialKeyGrouping" and not written.java_args:
        return Grouping("partial-key")
    return Grouping(
        written.kind,  # type: ignore[arg-type]  # a kind, as streamparse.dsl makes them
        written.names,
        written.java_class,
        written.java_args,
        written.serialized,
    )


def _source(stream: GlobalStreamId) -> tuple[str, str]:
    """The component and the stream of an input."""
    whose = stream.componentId
    component = whose.id if isinstance(whose, ComponentSpec) else str(plain(whose))
    return component, str(plain(stream.streamId))


def _is_plain(key: object) -> bool:
    return key is None or isinstance(key, (bool, int, float))


def _file_of(cls: type) -> str | None:
    import sys

    module = sys.modules.get(cls.__module__)
    return getattr(module, "__file__", None)


# -- to a topology -----------------------------------------------------------------------------------------------


def finished(
    draft: Draft,
    options: Mapping[str, object],
    *,
    environment: str | None,
    environments: Sequence[str] = (),
    storm_version: str | None,
    python: str,
) -> Topology:
    """Return the topology for an environment and settings, checked.

    Args:
        draft: what was read of the class.
        options: the configuration that it is submitted with, before its own.
        environment: the one that was asked for; None: the only one there is.
        environments: those that the project has.
        storm_version: the version of Storm that will run it, or None.
        python: the interpreter of its components.

    Raises:
        TopologyError: with all mistakes.
    """
    known = None if storm_version is None else profile(storm_version)
    problems = list(draft.problems)
    numbers: dict[str, int] = {}
    for component, by_environment in draft.parallelism.items():
        found = _number(
            draft.topology.components[component], by_environment, environment, environments
        )
        if isinstance(found, Problem):
            problems.append(found)
        else:
            numbers[component] = found
    topology = _with_python(draft.topology, python)
    components = {
        name: replace(each, parallelism=numbers.get(name, each.parallelism))
        for name, each in topology.components.items()
    }
    topology = replace(topology, components=components)
    conf = {**options, **topology.conf}
    problems += find_problems(
        topology,
        conf,
        unknown_outputs=draft.unknown_outputs,
        unknown_inputs=draft.unknown_inputs,
        profile=known,
    )
    if problems:
        raise TopologyError(problems)
    suspicious = find_warnings(topology, conf, profile=known)
    warnings = dict.fromkeys([*draft.warnings, *suspicious])
    return replace(topology, warnings=tuple(sorted(warnings, key=lambda each: each.place)))


def _with_python(topology: Topology, python: str) -> Topology:
    components = {
        name: replace(each, command=(python, *(each.command or ())[1:]))
        if each.python_class is not None
        else each
        for name, each in topology.components.items()
    }
    return replace(topology, components=components)


def _number(
    component: Component,
    by_environment: Mapping[str, int],
    environment: str | None,
    environments: Sequence[str],
) -> int | Problem:
    """The number of executors in an environment, or why there is none."""
    place = component.place_of("p")
    if environment is None and len(environments) == 1:
        environment = environments[0]
    if environment is None and not environments and len(by_environment) == 1:
        environment = next(iter(by_environment))
    if environment is None:
        found = f"par depends on the environment: it has {listed(by_environment)}"
        return Problem(place, component.id, found, "say which with -e NAME, or environment=")
    if environment not in by_environment:
        near = did_you_mean(environment, by_environment)
        found = f"par has no number for the environment {environment!r}{near}"
        remedy = f"add {environment!r} to it; it has {listed(by_environment)}"
        return Problem(place, component.id, found, remedy, "runs one task, without a message")
    return by_environment[environment]

"""Reads topology files: from Clojure text to a ``Topology``, without a JVM.

No code of the file is run: ``edn`` parses the text into a tree, ``evaluator`` evaluates the few forms that topologies
use, and ``specs`` has the functions that make components. This module has the rule that makes a file a topology: its
last form defines two maps, one of spouts and one of bolts. All mistakes of a file are reported at once.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from simulator.clj.binding import DefinedFunction
from simulator.clj.component_builder import Spec
from simulator.clj.core import CORE
from simulator.clj.definitions import DEFINING, define
from simulator.clj.diagnostics import Diagnostics
from simulator.clj.edn import Node, Refused, Source, read_forms
from simulator.clj.evaluator import Evaluator
from simulator.clj.namespace import Namespace
from simulator.clj.special_forms import SPECIAL_FORMS
from simulator.clj.specs import LIBRARIES, SPECS, config_constant
from simulator.clj.values import Broken, Map, Vector, as_value, faults_of, has_broken, named
from simulator.model import (
    NEWEST,
    Component,
    Place,
    Problem,
    Profile,
    Topology,
    TopologyError,
    did_you_mean,
    find_problems,
    find_warnings,
    profile,
    shown,
)

__all__ = ["parse_topology", "read_topology"]

MOST_CHARS = 1_000_000  # of a file: one with a thousand components takes a tenth


def read_topology(
    path: str | Path, options: Mapping[str, object], *, storm_version: str | None = None
) -> Topology:
    """Read a topology file. The topology has the name of the file.

    Args:
        path: the file.
        options: the topology's configuration, which Storm passes to the function that the file defines.
        storm_version: the version of Storm that will run it, such as "2.8.3"; None when it is not known.

    Raises:
        TopologyError: with everything that is wrong with the file.
    """
    return parse_topology(
        _text_of(Path(path)), path=str(path), options=options, storm_version=storm_version
    )


def parse_topology(
    text: str,
    *,
    path: str = "<string>",
    options: Mapping[str, object] | None = None,
    storm_version: str | None = None,
) -> Topology:
    """Read the text of a topology file.

    Args:
        text: the text.
        path: the file that it is from, for messages and the topology's name; without it the topology is named after
            the last definition.
        options: the topology's configuration, as for ``read_topology``.
        storm_version: the version of Storm, as for ``read_topology``.

    Raises:
        TopologyError: with everything that is wrong with the text.
    """
    options = options or {}
    return replace(_parsed(text, path, _Options(repr(options), options), storm_version))


@dataclass(frozen=True)
class _Options:
    """Options as a key of the cache: two are equal when they print alike."""

    shown: str
    values: Mapping[str, object] = field(compare=False)


@lru_cache(maxsize=16)  # tests read the same topology hundreds of times
def _parsed(text: str, path: str, options: _Options, storm_version: str | None) -> Topology:
    source = Source(text, path)
    known = None if storm_version is None else profile(storm_version)
    dsl = f"{(known or profile(NEWEST)).package}.clojure"
    try:
        _refuse_other_languages(source)
        forms, problems = read_forms(source)
        diagnostics = Diagnostics(source, problems)
        namespace = Namespace(
            diagnostics,
            functions={**CORE, **SPECS},
            libraries={dsl: LIBRARIES[dsl], **LIBRARIES},  # messages propose the first that fits
            constant=config_constant,
        )
        evaluator = Evaluator(diagnostics, namespace, SPECIAL_FORMS)
        return _TopologyFile(evaluator, options.values, known).topology(forms)
    except Refused as refused:
        raise TopologyError(refused.problems) from None
    except RecursionError:  # the caller's own stack was nearly full
        raise TopologyError([source.problem(0, "nested too deeply to be read from here")]) from None


def _text_of(path: Path) -> str:
    def refuse(finding: str, remedy: str) -> TopologyError:
        return TopologyError([Problem(Place(str(path)), None, finding, remedy)])

    try:
        with path.open("rb") as file:
            read = file.read(4 * MOST_CHARS + 1)
        return read.decode("utf-8")
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        raise refuse(
            f"not UTF-8: byte {read[error.start]:#04x} in line {line}", "save it as UTF-8"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        reason = getattr(error, "strerror", None) or str(error)
        names = _topology_files(path.parent)
        near = did_you_mean(path.name, names, quoted=False)
        there = (
            f"one of {', '.join(names[:8])}" if names else "a file such as topologies/wordcount.clj"
        )
        raise refuse(
            f"cannot be read: {reason}{near}", "" if near else f"expected {there}"
        ) from None


def _topology_files(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.glob("*.clj") if each.is_file())
    except (OSError, ValueError):
        return []


_PYTHON = re.compile(
    r"^(?:from [\w.]+ import |import [\w., ]+$|(?:async )?def \w+\(|class \w+[(:])", re.M
)


def _refuse_other_languages(source: Source) -> None:
    if len(source.text) > MOST_CHARS:
        raise source.refusal(
            0, f"{len(source.text)} characters", f"a topology has at most {MOST_CHARS}; split it"
        )
    python = _PYTHON.search(source.text)
    if python and not re.search(r"^\s*\((?:ns|def|defn)\s", source.text, re.M):
        raise source.refusal(
            python.start(),
            "this is Python",
            "expected Clojure: (defn name [options] [{spouts} {bolts}])",
        )


class _TopologyFile:
    """Makes a topology of the forms of a file.

    Args:
        evaluator: evaluates the forms.
        conf: the topology's configuration.
        storm_version: the version of Storm that will run it, or None.
    """

    def __init__(
        self, evaluator: Evaluator, conf: Mapping[str, object], storm: Profile | None
    ) -> None:
        self._evaluator = evaluator
        self._diagnostics = evaluator.diagnostics
        self._storm = storm
        self._path = evaluator.diagnostics.source.path
        self._conf = conf
        self._components: dict[str, Component] = {}
        self._unknown_outputs: set[str] = set()
        self._unknown_inputs: set[str] = set()

    def topology(self, forms: Sequence[Node]) -> Topology:
        """Return the topology that the last form defines.

        Raises:
            TopologyError: with everything that is wrong with the file.
        """
        if not forms:
            raise self._diagnostics.refusal(
                0, "no form in the file", "expected (defn name [options] [{spouts} {bolts}])"
            )
        for form in forms:
            with self._diagnostics.noting():
                define(self._evaluator, form)
        last = forms[-1]
        with self._diagnostics.noting():
            name = self._defined(last)
            return self._built(self._topology_name(last, name), self._result(last, name))
        raise TopologyError(self._diagnostics.problems)

    def _defined(self, last: Node) -> str:
        """Return the name that the last form defines."""
        if not last.is_call_of(*DEFINING):
            raise self._diagnostics.refusal(
                last.at,
                "the last form defines nothing",
                "end the file with (defn name [options] [{spouts} {bolts}])",
                "streamparse takes what the last form defines for the topology",
            )
        if len(last.items) < 2 or last.items[1].form != "symbol":
            raise TopologyError(self._diagnostics.problems)  # noted when the form was evaluated
        return str(last.items[1].value)

    def _topology_name(self, last: Node, defined: str) -> str:
        if self._path.startswith("<"):
            return defined  # a text without a file
        name = Path(self._path).stem
        if defined != name:
            self._diagnostics.warn(
                last.items[1].at,
                f"{shown(defined)} is defined in a file named {shown(name)}",
                f"call both {shown(name)}",
                "streamparse 2.1.3 submits it by the name of the definition",
            )
        return name

    def _result(self, last: Node, name: str) -> Vector:
        """Return the two maps, each of them ``Broken`` when it is not known."""
        value = self._evaluator.namespace.vars.get(name, Broken(()))
        at = last.items[1].at
        if isinstance(value, DefinedFunction):
            if name == "-main":
                return self._result_of_main(value, last)
            if not value.takes(1):
                raise self._diagnostics.refusal(
                    value.arities[0].parameters.at,
                    f"{name} does not take one argument",
                    f"expected (defn {name} [options] ...)",
                    f"calls it with the options alone: Wrong number of args (1) passed to: {name}",
                )
            value = self._evaluator.apply(value, [as_value(self._conf, at)], last)
        return self._two_maps(value, name, at)

    def _result_of_main(self, value: DefinedFunction, last: Node) -> Vector:
        """The same of a program for a JVM, such as those of storm-starter: they submit, and give no maps."""
        found: object = Broken(())
        with contextlib.suppress(Refused):  # of what only a JVM can do
            if value.takes(1):
                found = self._evaluator.apply(value, [as_value(self._conf, last.at)], last)
        if isinstance(found, Broken):
            there = self._evaluator.namespace.vars
            made = "(mk-topology)" if "mk-topology" in there else "[{spouts} {bolts}]"
            raise self._diagnostics.refusal(
                last.at,
                "the last form is -main, a program that submits by itself",
                f"end the file with (defn {Path(self._path).stem} [options] {made}); sparse submits it",
                "streamparse takes what the last form defines for the topology",
            )
        return self._two_maps(found, "-main", last.items[1].at)

    def _two_maps(self, value: object, name: str, at: int) -> Vector:
        self._diagnostics.problems += faults_of(value)
        if isinstance(value, Broken):
            return self._evaluator.vector([value, value], at, [at, at])
        if not isinstance(value, Vector) or len(value) < 2:
            raise self._diagnostics.refusal(
                at, f"{name} gives {named(value)}, not two maps", "expected [{spouts} {bolts}]"
            )
        if len(value) > 2:
            self._diagnostics.note(
                value.places[2],
                f"{name} gives {len(value)} maps, not two",
                "expected [{spouts} {bolts}]: put all bolts into one map",
                "ignores the third, and its components are lost",
            )
        return value

    def _built(self, name: str, maps: Vector) -> Topology:
        for kind, specs, at in zip(("spout", "bolt"), maps, maps.places, strict=False):
            if isinstance(specs, Map):
                self._collect(kind, specs)
            elif not has_broken(specs):
                self._diagnostics.note(
                    at,
                    f"the {kind}s are {named(specs)}",
                    f'expected {{"id" (python-{kind}-spec ...)}}',
                )
        if not all(isinstance(specs, Map) and specs.is_whole for specs in maps[:2]):
            # Half of the components are unknown, so nobody's subscriptions can be checked.
            components = self._components.values()
            self._unknown_outputs |= {source for each in components for source, _ in each.inputs}
        place = Place(self._path)
        topology = Topology(name, self._components, self._path, place)
        self._diagnostics.problems += find_problems(
            topology,
            self._conf,
            unknown_outputs=self._unknown_outputs,
            unknown_inputs=self._unknown_inputs,
            profile=self._storm,
        )
        if self._diagnostics.problems:
            raise TopologyError(self._diagnostics.problems)
        suspicious = find_warnings(topology, self._conf, profile=self._storm)
        warnings = dict.fromkeys([*self._diagnostics.warnings, *suspicious])
        return replace(topology, warnings=tuple(sorted(warnings, key=lambda each: each.place)))

    def _collect(self, kind: str, specs: Map) -> None:
        """Add the components of one of the two maps."""
        for key, spec in specs.items():
            if not isinstance(key, str):
                self._diagnostics.note(
                    specs.keys_at[key],
                    f"the id of a component is {named(key)}",
                    f"expected a string, such as {shown(named(key).lstrip(':'))}",
                    f"No matching method: set{kind.capitalize()}",
                )
                self._unknown_outputs.add(named(key).lstrip(":"))  # what its subscribers call it
                continue
            place = self._diagnostics.source.place(specs.keys_at[key])
            with self._diagnostics.about(key):
                if not isinstance(spec, Spec) or spec.component.kind != kind:
                    self._unknown_outputs.add(key)
                    self._unfit(kind, specs.values_at[key], spec)
                elif key in self._components:
                    first = self._components[key]
                    self._diagnostics.note(
                        specs.keys_at[key],
                        f"the id is taken by the {first.kind} of line {first.place.line}",
                        "give it another",
                        f"{first.kind.capitalize()} has already been declared for id {key}",
                    )
                else:
                    self._components[key] = replace(spec.component, id=key, place=place)
                    self._unknown_outputs |= set() if spec.outputs_known else {key}
                    self._unknown_inputs |= set() if spec.inputs_known else {key}

    def _unfit(self, kind: str, at: int, spec: object) -> None:
        if isinstance(spec, Spec):
            remedy = "expected [{spouts} {bolts}]: spouts in the first map, bolts in the second"
            self._diagnostics.note(at, f"a {spec.component.kind} among the {kind}s", remedy)
        elif not has_broken(spec):
            self._diagnostics.note(
                at, f"{named(spec)} is not a {kind}", f"expected (python-{kind}-spec ...)"
            )

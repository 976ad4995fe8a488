"""Builds one component from the arguments of a spec form.

Each argument is checked by itself, so that all mistakes of a form are reported at once. Whether the component fits the
others is checked by ``simulator.model``.

Sources: ``backtype/storm/clojure.clj`` and ``thrift.clj`` (the same from 0.9 to 2.x), ``streamparse/specs.clj``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from simulator.clj.core import text_of
from simulator.clj.edn import Keyword
from simulator.clj.evaluator import Call
from simulator.clj.streams import fields_of, grouping_of, java_arguments_of, source_of
from simulator.clj.values import (
    Broken,
    Faulty,
    JavaObject,
    Map,
    Vector,
    faults_of,
    has_broken,
    named,
)
from simulator.model import (
    Component,
    Grouping,
    Place,
    Problem,
    Stream,
    did_you_mean,
    settings,
    shown,
)

__all__ = ["ComponentBuilder", "DirectStream", "Spec"]

#: The keyword arguments, each with an example of its value.
_EXAMPLES: Final = {"p": "2", "parallelism-hint": "2", "conf": '{"key" "value"}'}


@dataclass(frozen=True)
class DirectStream(Faulty):
    """The fields of a stream that carries direct emits only.

    Attributes:
        fields: the argument of ``direct-stream``, not checked yet.
        at: its offset.
    """

    fields: object
    at: int

    @property
    def faults(self) -> tuple[Problem, ...]:
        return faults_of(self.fields)

    def __str__(self) -> str:
        return "a direct-stream"


@dataclass(frozen=True)
class Spec(Faulty):
    """A spout or a bolt that has no id yet: the value of a spec form.

    Attributes:
        component: what is known of it; its id is empty.
        outputs_known: False when some of its outputs have mistakes.
        inputs_known: False when some of its inputs have mistakes.
        problems: the mistakes of the form.
    """

    component: Component
    outputs_known: bool
    inputs_known: bool
    problems: tuple[Problem, ...]

    @property
    def faults(self) -> tuple[Problem, ...]:
        return self.problems

    def __str__(self) -> str:
        return f"a {self.component.kind}"


class ComponentBuilder:
    """Collects what the arguments of one spec form say, and notes what is wrong with them.

    Every method that takes an ``index`` reads the argument there.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._command: tuple[str, ...] | None = None
        self._inputs: dict[tuple[str, str], Grouping] = {}
        self._outputs: dict[str, Stream] = {}
        self._conf: dict[str, object] = {}
        self._parallelism: int | None = None
        self._marks: dict[tuple[str, ...], Place] = {}
        self._outputs_known = True
        self._inputs_known = True

    def spec(self, kind: Literal["spout", "bolt"], *, java: JavaObject | None = None) -> Spec:
        """Return the component as far as it is known; ``java`` is the object that a JVM runs."""
        argv = self._command or ()
        is_python = len(argv) == 4 and argv[1:3] == ("-m", "streamparse.run")
        component = Component(
            "",
            kind,
            command=self._command,
            python_class=argv[3] if is_python else None,
            inputs=self._inputs,
            outputs=self._outputs,
            conf=self._conf,
            parallelism=self._parallelism,
            jvm_class=None if java is None else java.class_name,
            java_arguments=() if java is None else java_arguments_of(java),
            marks=self._marks,
        )
        problems = (*faults_of(Vector(self._call.arguments)), *self._call.problems)
        return Spec(component, self._outputs_known, self._inputs_known, problems)

    # -- the command

    def run_class(self, options_index: int, class_index: int) -> None:
        """Set the command that ``streamparse.specs`` makes of the options and a class."""
        options, name = self._call.arguments[options_index], self._call.arguments[class_index]
        usage = f"expected {self._call.usage}"
        if not isinstance(options, Map):
            self._note_unfit(options, options_index, "the options are", usage)
            return
        if not isinstance(name, str):
            self._note_unfit(name, class_index, "the class is", usage)
            return
        self._mark(("class",), self._call.at(class_index))
        python = options.get(settings.PYTHON_PATH, "python")
        if not isinstance(python, str):
            remedy = "expected the path of an interpreter"
            self._note_unfit(python, options_index, "topology.python.path is", remedy)
            return
        self._command = (python, "-m", "streamparse.run", name)

    def run_command(self, index: int) -> int:
        """Set the command ``["python" "x.py"]`` or ``"python" "x.py"``; return the index of the next argument."""
        command, following = self._call.arguments[index], self._call.arguments[index + 1]
        if isinstance(following, str):
            if isinstance(command, str):
                self._command = (command, following)
            elif not isinstance(command, Broken):
                self._call.note(
                    self._call.at(index + 1),
                    f"after the command {named(command)} comes {shown(following)}, not the outputs",
                    f"expected {self._call.usage}",
                    "takes it for the script of a command that is a string",
                )
            return index + 2
        words = command if isinstance(command, Vector) else ()
        if words and all(isinstance(word, str) for word in words):
            self._command = tuple(map(str, words))
        elif not has_broken(command):
            self._call.note(
                self._call.at(index),
                f"the command is {named(command)}",
                'expected ["python" "component.py"]',
                "array element type mismatch",
            )
        return index + 1

    def _note_unfit(self, value: object, index: int, finding: str, remedy: str) -> None:
        """Note that an argument has the wrong type, unless its own mistakes are noted already."""
        if not has_broken(value):
            self._call.note(self._call.at(index), f"{finding} {named(value)}", remedy)

    # -- inputs

    def subscribe(self, index: int) -> None:
        """Set the inputs: ``{"source" :shuffle ["source" "stream"] ["field"]}``."""
        inputs, at = self._call.arguments[index], self._call.at(index)
        self._mark(("inputs",), at)
        if isinstance(inputs, Broken):
            self._inputs_known = False
        elif inputs is not None and not isinstance(inputs, Map):
            self._inputs_known = False
            remedy = 'expected {"word-spout" :shuffle}'
            self._call.note(at, f"the inputs are {named(inputs)}", remedy)
        elif inputs is not None:
            self._inputs_known = inputs.is_whole
            for key, value in inputs.items():
                self._subscribe_to(key, inputs.keys_at[key], value, inputs.values_at[key])

    def _subscribe_to(self, key: object, key_at: int, value: object, value_at: int) -> None:
        source = source_of(self._call, key, key_at)
        grouping = grouping_of(self._call, value, value_at)
        if source is None or grouping is None:
            self._inputs_known = False
            return
        if source in self._inputs:
            self._call.diagnostics.warn(
                key_at,
                f"{named(key)} is stream {shown(source[1])} of {shown(source[0])} again",
                "keep one of the two",
                "takes the later one",
            )
        self._inputs[source] = grouping
        self._mark(("inputs", *source), key_at)
        self._mark(("groupings", *source), value_at)

    # -- outputs

    def declare(self, index: int) -> None:
        """Set the outputs: ``["field"]``, or ``{"stream" ["field"] "other" (direct-stream ["field"])}``."""
        if index >= len(self._call.arguments):
            self._outputs_known = False
            remedy = f"expected {self._call.usage}"
            self._call.note(self._call.node.at, "the outputs are missing", remedy)
            return
        outputs, at = self._call.arguments[index], self._call.at(index)
        if isinstance(outputs, Broken):
            self._outputs_known = False
        elif isinstance(outputs, Map):
            self._outputs_known = outputs.is_whole
            for name, fields in outputs.items():
                self._declare(name, fields, outputs.keys_at[name], outputs.values_at[name])
        else:
            self._declare("default", outputs, at, at)

    def _declare(self, name: object, value: object, name_at: int, at: int) -> None:
        is_direct = isinstance(value, DirectStream)
        written, written_at = (
            (value.fields, value.at) if isinstance(value, DirectStream) else (value, at)
        )
        fields = fields_of(self._call, written, written_at, "a stream")
        if not isinstance(name, str):
            self._call.note(
                name_at,
                f"the name of a stream is {named(name)}",
                f"expected {shown(named(name).lstrip(':'))}",
            )
        if fields is None or not isinstance(name, str):
            self._outputs_known = False
            return
        self._outputs[name] = Stream(fields, is_direct)
        self._mark(("outputs", name), at)

    # -- keyword arguments

    def configure(self, start: int) -> None:
        """Read the keyword arguments from the index ``start`` on: ``:p 2 :conf {"key" value}``."""
        given = self._keyword_arguments(start)
        if given is None:
            return
        index, hint = given.get("p") or given.get("parallelism-hint") or (start, None)
        self._set_parallelism(self._call.at(index), hint)
        index, conf = given.get("conf", (start, None))
        self._set_conf(self._call.at(index), conf)

    def _keyword_arguments(self, start: int) -> dict[str, tuple[int, object]] | None:
        """Return the index and the value of each keyword; None when the arguments are no pairs of these."""
        arguments = self._call.arguments
        given: dict[str, tuple[int, object]] = {}
        for index in range(start, len(arguments), 2):
            keyword = arguments[index]
            if isinstance(keyword, Broken):
                continue
            if not isinstance(keyword, Keyword):
                is_odd = (len(arguments) - start) % 2
                self._call.note(
                    self._call.at(index),
                    f"{named(keyword)} is one argument too many",
                    f"expected {self._call.usage}, with :p and :conf after it",
                    f"No value supplied for key: {named(keyword)}" if is_odd else "",
                )
                return None
            if index + 1 == len(arguments):
                self._call.note(
                    self._call.at(index),
                    f"{keyword} has no value",
                    f"expected {keyword} {_EXAMPLES.get(keyword.name, 1)}",
                    f"No value supplied for key: {keyword}",
                )
                return None
            self._warn_of_keyword(keyword, self._call.at(index), is_given=keyword.name in given)
            given[keyword.name] = (index + 1, arguments[index + 1])
        return given

    def _warn_of_keyword(self, keyword: Keyword, at: int, *, is_given: bool) -> None:
        if keyword.name not in _EXAMPLES:
            names = [f":{name}" for name in _EXAMPLES]
            near = did_you_mean(str(keyword), names, quoted=False)
            self._call.diagnostics.warn(
                at, f"{keyword} has no meaning{near}", "expected :p or :conf", "ignores it"
            )
        elif is_given:
            self._call.diagnostics.warn(
                at, f"{keyword} is given twice", "keep one of the two", "takes the later one"
            )

    def _set_parallelism(self, at: int, hint: object) -> None:
        self._mark(("p",), at)
        if hint is None or isinstance(hint, Broken):
            return
        is_number = isinstance(hint, (int, float)) and not isinstance(hint, bool)
        if not isinstance(hint, (int, float)) or not is_number or not abs(hint) < 2**31:
            self._call.note(
                at,
                f":p is {named(hint)}",
                "expected a whole number of at least 1",
                "ClassCastException",
            )
            return
        if hint != int(hint):
            self._call.diagnostics.warn(
                at, f":p is {hint}", f"write {int(hint)}", f"truncates it to {int(hint)}"
            )
        self._parallelism = int(hint)

    def _set_conf(self, at: int, conf: object) -> None:
        if conf is None or isinstance(conf, Broken):
            return
        if not isinstance(conf, Map):
            remedy = 'expected {"key" value}'
            self._call.note(at, f":conf is {named(conf)}", remedy, "ClassCastException")
            return
        for key, value in conf.items():
            name = self._conf_key(key, conf.keys_at[key])
            try:
                self._conf[name] = self._as_json(value, conf.values_at[key])
            except _NotJson:
                continue
            self._mark(("conf", name), conf.keys_at[key])

    def _conf_key(self, key: object, at: int) -> str:
        if isinstance(key, Keyword):
            self._call.diagnostics.warn(
                at,
                f":conf: the key {key} is a keyword, and reaches the component as {shown(str(key))}",
                f"write {shown(key.name)}",
            )
        return key if isinstance(key, str) else "null" if key is None else text_of(key)

    def _as_json(self, value: object, at: int) -> object:
        """Return a value of the configuration as the component gets it.

        Raises:
            _NotJson: JSON has no such value, which is noted.
        """
        if isinstance(value, Broken):
            raise _NotJson
        if isinstance(value, Map):
            return {
                self._conf_key(key, value.keys_at[key]): self._as_json(each, at)
                for key, each in value.items()
            }
        if isinstance(value, Vector):
            return [self._as_json(each, at) for each in value]
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        self._call.note(
            at,
            f":conf: {named(value)} is not JSON",
            f"expected {shown(value.name)}"
            if isinstance(value, Keyword)
            else "expected strings, numbers, true, false, nil, vectors and maps",
            "sends it as text that is not JSON",
        )
        raise _NotJson

    def _mark(self, part: tuple[str, ...], at: int) -> None:
        self._marks[part] = self._call.diagnostics.source.place(at)


class _NotJson(Exception):
    """A value of a configuration that JSON cannot hold; the problem is noted."""

"""The forms that make components: Storm's Clojure DSL, and the two that streamparse adds to it.

Each takes its arguments one by one, so that each can be wrong by itself. What a component then is, and
whether it fits the others, is ``simulator.model.topology``'s.

Sources: ``backtype/storm/clojure.clj`` and ``thrift.clj`` (the same from 0.9 to 2.x), ``streamparse/specs.clj``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from simulator.clj.core import text_of
from simulator.clj.edn import Keyword, Node
from simulator.clj.evaluator import BROKEN, Call, Java, Known, Map, Vector, has_poison, named
from simulator.model import (
    STORM_KEYS,
    Component,
    Grouping,
    Kind,
    Place,
    Stream,
    did_you_mean,
    shown,
)

__all__ = ["LIBRARIES", "SPECS", "Direct", "Spec", "config_constant"]

LIBRARIES: Final[Mapping[str, frozenset[str]]] = {
    "streamparse.specs": frozenset({"python-spout-spec", "python-bolt-spec"}),
    **dict.fromkeys(
        ("backtype.storm.clojure", "org.apache.storm.clojure"),
        frozenset(
            {
                "shell-spout-spec",
                "shell-bolt-spec",
                "spout-spec",
                "bolt-spec",
                "topology",
                "direct-stream",
            }
        ),
    ),
}


@dataclass(frozen=True)
class Direct:
    """A stream in the making that carries direct emits only."""

    fields: object
    at: int

    def __str__(self) -> str:
        return "a direct-stream"


@dataclass(frozen=True)
class Spec:
    """A spout or bolt before it has a name."""

    component: Component
    is_read: bool  # false: its outputs could not be understood
    is_fed: bool  # false: some of its inputs could not be understood

    def __str__(self) -> str:
        return f"a {self.component.kind}"


_GROUPINGS: Final[Mapping[object, Kind]] = {
    None: "none",
    Keyword("none"): "none",
    Keyword("shuffle"): "shuffle",
    Keyword("local-or-shuffle"): "local-or-shuffle",
    Keyword("all"): "all",
    Keyword("global"): "global",
    Keyword("direct"): "direct",
}
_GROUPING_NAMES: Final = (
    ":shuffle, :local-or-shuffle, :all, :global, :none, :direct or a vector of fields"
)
_CLASS: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


class _Builder:
    """One component in the making: each part is understood by itself, so each can be wrong by itself."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._file = call.file
        self.command: tuple[str, ...] | None = None
        self.inputs: dict[tuple[str, str], Grouping] = {}
        self.outputs: dict[str, Stream] = {}
        self.conf: dict[str, object] = {}
        self.parallelism: int | None = None
        self.marks: dict[tuple[str, ...], Place] = {}
        self.is_read = True
        self.is_fed = True

    def spec(self, kind: Literal["spout", "bolt"], *, java: Java | None = None) -> Spec:
        """The component, as far as it was understood."""
        argv = self.command or ()
        is_ours = len(argv) == 4 and argv[1:3] == ("-m", "streamparse.run")
        component = Component(
            "",
            kind,
            command=self.command,
            python_class=argv[3] if is_ours else None,
            inputs=self.inputs,
            outputs=self.outputs,
            conf=self.conf,
            parallelism=self.parallelism,
            jvm_class=None if java is None else java.class_name,
            marks=self.marks,
        )
        return Spec(component, self.is_read, self.is_fed)

    def _wrong(self, at: int, finding: str, remedy: str = "", storm: str = "") -> None:
        self._file.note(at, f"{self._call.name}: {finding}", remedy, storm)

    def _unlike(self, value: object, place: int, finding: str, remedy: str) -> None:
        """An argument of the wrong kind, of which nothing is said when it was wrong in itself."""
        if not has_poison(value):
            self._wrong(self._call.at(place), f"{finding} {named(value)}", remedy)

    # -- what it runs

    def run_class(self, options_at: int, class_at: int) -> None:
        """``python-*-spec``: the argv that streamparse.specs makes of the options and a class."""
        options, name = self._call.arguments[options_at], self._call.arguments[class_at]
        usage = _USAGE[self._call.name]
        if not isinstance(options, Map):
            self._unlike(options, options_at, "the options are", f"{usage} would do")
            return
        if not isinstance(name, str):
            self._unlike(name, class_at, "the class is", f"{usage} would do")
            return
        if not _CLASS.fullmatch(name):
            self._file.warn(
                self._call.at(class_at),
                f"{shown(name)} is no module and class",
                'the class WordSpout of src/spouts/words.py is "spouts.words.WordSpout"',
                "starts a process, which dies at once",
            )
        python = options.get("topology.python.path", "python")
        if not isinstance(python, str):
            remedy = "the path of an interpreter would do"
            self._unlike(python, options_at, "topology.python.path is", remedy)
            return
        self.command = (python, "-m", "streamparse.run", name)

    def run_command(self, place: int) -> int:
        """``shell-*-spec``: ``["python" "x.py"]`` or ``"python" "x.py"``; returns the place of what follows."""
        arguments = self._call.arguments
        command, following = arguments[place], arguments[place + 1]
        if isinstance(following, str):
            if isinstance(command, str):
                self.command = (command, following)
            elif command is not BROKEN:
                self._wrong(
                    self._call.at(place + 1),
                    f"after the command {named(command)} comes {shown(following)}, where the outputs should",
                    f"{_USAGE[self._call.name]} would do",
                    "takes it for the script of a command that is a string",
                )
            return place + 2
        words = command if isinstance(command, Vector) else ()
        if words and all(isinstance(word, str) for word in words):
            self.command = tuple(str(word) for word in words)
        elif not has_poison(command):
            self._wrong(
                self._call.at(place),
                f"the command is {named(command)}",
                '["python" "component.py"] would do',
                "array element type mismatch",
            )
        return place + 1

    # -- what it takes

    def subscribe(self, place: int) -> None:
        """The inputs: ``{"source" :shuffle ["source" "stream"] ["field"]}``."""
        inputs, at = self._call.arguments[place], self._call.at(place)
        self.marks[("inputs",)] = self._file.source.place(at)
        if inputs is BROKEN:
            self.is_fed = False
        elif inputs is not None and not isinstance(inputs, Map):
            self.is_fed = False
            self._wrong(at, f"the inputs are {named(inputs)}", '{"word-spout" :shuffle} would do')
        elif inputs is not None:
            self.is_fed = inputs.is_whole
            for key, value in inputs.items():
                self._subscribe_to(key, inputs.keys_at[key], value, inputs.values_at[key])

    def _subscribe_to(self, key: object, key_at: int, value: object, value_at: int) -> None:
        source = self._source(key, key_at)
        grouping = self._grouping(value, value_at)
        if source is None or grouping is None:
            self.is_fed = False
            return
        if source in self.inputs:
            self._file.warn(
                key_at,
                f"{named(key)} is stream {shown(source[1])} of {shown(source[0])} once more",
                "keep one of the two",
                "takes the later one",
            )
        self.inputs[source] = grouping
        self.marks[("inputs", source[0], source[1])] = self._file.source.place(key_at)
        self.marks[("groupings", source[0], source[1])] = self._file.source.place(value_at)

    def _source(self, key: object, at: int) -> tuple[str, str] | None:
        parts = (key,) if isinstance(key, str) else key if isinstance(key, Vector) else ()
        if not 1 <= len(parts) <= 2 or not all(isinstance(part, str) for part in parts):
            self._wrong(
                at, f"{named(key)} names no stream", '"source" or ["source" "stream"] would do'
            )
            return None
        if isinstance(key, Vector) and len(key) == 1:
            self._file.warn(
                at,
                f"{named(key)} names no stream, so it is the default one",
                f"write {shown(key[0])}",
                "an id without a stream, which Thrift may refuse",
            )
        return str(parts[0]), str(parts[1]) if len(parts) == 2 else "default"

    def _grouping(self, value: object, at: int) -> Grouping | None:
        if has_poison(value):
            return None
        if isinstance(value, Java):
            return self._java_grouping(value, at)
        if isinstance(value, Vector):
            fields = self._fields(value, at, "a grouping")
            if fields is None:
                return None
            return Grouping("fields", fields) if fields else Grouping("global")  # the same to Storm
        kind = _GROUPINGS.get(value) if value is None or isinstance(value, Keyword) else None
        if kind is not None:
            return Grouping(kind)
        self._wrong(
            at,
            f"{named(value)} is not a valid grouping{self._meant(value)}",
            f"{_GROUPING_NAMES} would do",
            f"{str(value)[:60]} is not a valid grouping",
        )
        return None

    def _meant(self, value: object) -> str:
        if not isinstance(value, (str, Keyword)):
            return ""
        names = [str(each) for each in _GROUPINGS if each is not None]
        near = difflib.get_close_matches(":" + str(value).lstrip(":").lower()[:60], names, 1)
        return f" (did you mean {near[0]}?)" if near else ""

    def _java_grouping(self, value: Java, at: int) -> Grouping | None:
        short = value.class_name.rpartition(".")[2]
        if short == "PartialKeyGrouping":
            texts = [text for argument in value.arguments for text in _strings(argument)]
            return Grouping("partial-key", tuple(texts))
        first = value.arguments[0].value if value.arguments else None
        if short == "JavaObject" and isinstance(first, str):
            return Grouping("custom", java_class=first)
        return Grouping("custom", java_class=value.class_name)

    # -- what it emits

    def declare(self, place: int) -> None:
        """The outputs: ``["field"]``, or ``{"stream" ["field"] "other" (direct-stream ["field"])}``."""
        if place >= len(self._call.arguments):
            self.is_read = False
            self._wrong(
                self._call.node.at, "the outputs are missing", f"{_USAGE[self._call.name]} would do"
            )
            return
        outputs, at = self._call.arguments[place], self._call.at(place)
        if outputs is BROKEN:
            self.is_read = False
        elif isinstance(outputs, Map):
            self.is_read = outputs.is_whole
            for name, fields in outputs.items():
                self._declare(name, fields, outputs.keys_at[name], outputs.values_at[name])
        else:
            self._declare("default", outputs, at, at)

    def _declare(self, name: object, value: object, name_at: int, at: int) -> None:
        direct = isinstance(value, Direct)
        fields = self._fields(
            value.fields if isinstance(value, Direct) else value,
            value.at if isinstance(value, Direct) else at,
            "a stream",
        )
        if not isinstance(name, str):
            self._wrong(
                name_at,
                f"the name of a stream is {named(name)}",
                f"{shown(named(name).lstrip(':'))} would do",
            )
        if fields is None or not isinstance(name, str):
            self.is_read = False
            return
        self.outputs[name] = Stream(fields, direct)
        self.marks["outputs", name] = self._file.source.place(at)

    def _fields(self, value: object, at: int, what: str) -> tuple[str, ...] | None:
        if has_poison(value):
            return None
        if not isinstance(value, Vector):
            name = shown(named(value).lstrip(":")) if isinstance(value, Keyword) else named(value)
            remedy = (
                f"[{name}] would do" if isinstance(value, (str, Keyword)) else '["field"] would do'
            )
            storm = "NullPointerException" if value is None else "ClassCastException"
            self._wrong(at, f"the fields of {what} are {named(value)}", remedy, storm)
            return None
        for place, each in zip(value.places, value, strict=False):
            if not isinstance(each, str):
                self._wrong(
                    place,
                    f"a field of {what} is {named(each)}",
                    f"{shown(named(each).lstrip(':'))} would do",
                    "ClassCastException",
                )
                return None
        return tuple(str(each) for each in value)

    # -- how it runs

    def configure(self, start: int) -> None:
        """The keyword arguments: ``:p 2 :conf {"key" value}``."""
        arguments = self._call.arguments
        given: dict[str, tuple[int, object]] = {}
        for place in range(start, len(arguments), 2):
            keyword, at = arguments[place], self._call.at(place)
            if keyword is BROKEN:
                continue
            if not isinstance(keyword, Keyword):
                self._wrong(
                    at,
                    f"{named(keyword)} is one argument too many",
                    f"{_USAGE[self._call.name]} would do, with :p and :conf behind it",
                    ""
                    if (len(arguments) - start) % 2 == 0
                    else f"No value supplied for key: {named(keyword)}",
                )
                return
            if place + 1 == len(arguments):
                storm = f"No value supplied for key: {keyword}"
                self._wrong(
                    at,
                    f"{keyword} has no value",
                    f"{keyword} {_EXAMPLES.get(keyword.name, 1)} would do",
                    storm,
                )
                return
            if keyword.name not in _EXAMPLES:
                near = did_you_mean(str(keyword), [f":{name}" for name in _EXAMPLES]).replace(
                    '"', ""
                )
                self._file.warn(
                    at, f"{keyword} says nothing{near}", ":p and :conf would", "ignores it"
                )
            elif keyword.name in given:
                self._file.warn(
                    at, f"{keyword} is given twice", "keep one of the two", "takes the later one"
                )
            given[keyword.name] = (place + 1, arguments[place + 1])
        place, hint = given.get("p") or given.get("parallelism-hint") or (start, None)
        self._parallel(self._call.at(place), hint)
        place, conf = given.get("conf", (start, None))
        self._own_conf(self._call.at(place), conf)

    def _parallel(self, at: int, hint: object) -> None:
        self.marks[("p",)] = self._file.source.place(at)
        if hint is None or hint is BROKEN:
            return
        is_number = isinstance(hint, (int, float)) and not isinstance(hint, bool)
        if not isinstance(hint, (int, float)) or not is_number or not abs(hint) < 2**31:
            self._wrong(
                at,
                f":p is {named(hint)}",
                "a whole number from 1 on would do",
                "ClassCastException",
            )
            return
        if hint != int(hint):
            self._file.warn(at, f":p is {hint}", f"write {int(hint)}", f"cuts it to {int(hint)}")
        self.parallelism = int(hint)

    def _own_conf(self, at: int, conf: object) -> None:
        if conf is None or conf is BROKEN:
            return
        if not isinstance(conf, Map):
            self._wrong(
                at, f":conf is {named(conf)}", '{"key" value} would do', "ClassCastException"
            )
            return
        for key, value in conf.items():
            name = self._conf_key(key, conf.keys_at[key])
            try:
                self.conf[name] = self._plain(value, conf.values_at[key])
            except _Poisoned:
                continue
            self.marks["conf", name] = self._file.source.place(conf.keys_at[key])

    def _conf_key(self, key: object, at: int) -> str:
        if isinstance(key, Keyword):
            self._file.warn(
                at,
                f":conf: the key {key} is a keyword, and reaches the component as {shown(str(key))}",
                f"write {shown(key.name)}",
            )
        return key if isinstance(key, str) else "null" if key is None else text_of(key)

    def _plain(self, value: object, at: int) -> object:
        """The value as the component will get it: JSON."""
        if value is BROKEN:
            raise _Poisoned
        if isinstance(value, Map):
            entries = value.items()
            return {
                self._conf_key(key, value.keys_at[key]): self._plain(each, at)
                for key, each in entries
            }
        if isinstance(value, Vector):
            return [self._plain(each, at) for each in value]
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        self._wrong(
            at,
            f":conf: {named(value)} is not JSON",
            f"{shown(value.name)} would do"
            if isinstance(value, Keyword)
            else "strings, numbers, true, false, nil, vectors and maps would do",
            "sends it as text that no JSON parser takes back",
        )
        raise _Poisoned


class _Poisoned(Exception):
    """A value that holds what could not be understood; that was noted."""


def _strings(node: Node) -> Iterator[str]:
    if node.form == "literal" and isinstance(node.value, str):
        yield node.value
    for item in node.items:
        yield from _strings(item)


_EXAMPLES: Final = {"p": "2", "parallelism-hint": "2", "conf": '{"key" "value"}'}
_USAGE: Final = {
    "python-spout-spec": '(python-spout-spec options "module.Class" ["field"])',
    "python-bolt-spec": '(python-bolt-spec options {"source" :shuffle} "module.Class" ["field"])',
    "shell-spout-spec": '(shell-spout-spec ["command" "argument"] ["field"])',
    "shell-bolt-spec": '(shell-bolt-spec {"source" :shuffle} ["command" "argument"] ["field"])',
    "spout-spec": "(spout-spec (my.Spout.))",
    "bolt-spec": '(bolt-spec {"source" :shuffle} (my.Bolt.))',
    "topology": "(topology {spouts} {bolts})",
    "direct-stream": '(direct-stream ["field"])',
}


def _check_options(call: Call, place: int) -> None:
    """Where the class stands one place too early, the options were forgotten; elsewhere something was swapped."""
    if isinstance(call.arguments[place], str) and not isinstance(call.arguments[place + 1], str):
        usage = f"{_USAGE[call.name]} would do"
        raise call.refusal(
            0, f"the options are missing: it begins with {named(call.arguments[0])}", usage
        )


def _python_spout(call: Call) -> object:
    _check_options(call, 0)
    builder = _Builder(call)
    builder.run_class(0, 1)
    builder.declare(2)
    builder.configure(3)
    return builder.spec("spout")


def _python_bolt(call: Call) -> object:
    if not isinstance(call.arguments[2], Map):
        _check_options(call, 1)
    builder = _Builder(call)
    builder.subscribe(1)
    builder.run_class(0, 2)
    builder.declare(3)
    builder.configure(4)
    return builder.spec("bolt")


def _shell_spout(call: Call) -> object:
    if isinstance(call.arguments[0], Map):
        raise call.refusal(
            0,
            "the command is a map, as if these were options",
            'with options it is (python-spout-spec options "module.Class" ["field"]), without them '
            f"{_USAGE['shell-spout-spec']}",
            "array element type mismatch",
        )
    builder = _Builder(call)
    following = builder.run_command(0)
    builder.declare(following)
    builder.configure(following + 1)
    return builder.spec("spout")


def _shell_bolt(call: Call) -> object:
    if isinstance(call.arguments[1], Map):
        raise call.refusal(
            1,
            "the command is a map, as if the first argument were options",
            'with options it is (python-bolt-spec options {"source" :shuffle} "module.Class" ["field"]), without them '
            f"{_USAGE['shell-bolt-spec']}",
            "array element type mismatch",
        )
    builder = _Builder(call)
    builder.subscribe(0)
    following = builder.run_command(1)
    builder.declare(following)
    builder.configure(following + 1)
    return builder.spec("bolt")


def _spout(call: Call) -> object:
    builder = _Builder(call)
    builder.configure(1)
    return builder.spec("spout", java=call.arguments[0])


def _bolt(call: Call) -> object:
    builder = _Builder(call)
    builder.subscribe(0)
    builder.configure(2)
    return builder.spec("bolt", java=call.arguments[1])


def _topology(call: Call) -> object:
    places = [call.at(place) for place in range(len(call.arguments))]
    return call.file.sequence(call.arguments, call.node.at, places)


def _direct_stream(call: Call) -> object:
    return Direct(call.arguments[0], call.at(0))


def config_constant(name: str) -> str | None:
    """What ``backtype.storm.config`` or Java's Config calls a key: TOPOLOGY-DEBUG is "topology.debug"."""
    return _config_constants().get(name.removeprefix("Config/").replace("_", "-"))


@lru_cache(maxsize=1)
def _config_constants() -> Mapping[str, str]:
    return {re.sub(r"[._]", "-", key.upper()): key for key in STORM_KEYS}


def _known(
    name: str,
    run: Callable[[Call], object],
    least: int,
    most: int | None = None,
    *,
    for_java: int | None = None,
) -> Known:
    return Known(name, run, least, most, _USAGE[name], takes_broken=True, for_java=for_java)


SPECS: Final[Mapping[str, Known]] = {
    each.name: each
    for each in (
        _known("python-spout-spec", _python_spout, 3),
        _known("python-bolt-spec", _python_bolt, 4),
        _known("shell-spout-spec", _shell_spout, 2),
        _known("shell-bolt-spec", _shell_bolt, 3),
        _known("spout-spec", _spout, 1, for_java=0),
        _known("bolt-spec", _bolt, 2, for_java=1),
        _known("topology", _topology, 2, 3),
        _known("direct-stream", _direct_stream, 1, 1),
    )
}

"""A topology as the StormTopology that Nimbus takes over Thrift: the work of Storm's Clojure DSL, without a JVM.

The DSL and TopologyBuilder refuse much that Nimbus takes without a word, and that then runs wrong or not at all. They
are not on this way, so ``find_submit_problems`` looks for it here.

Sources: ``clojure.clj`` and ``thrift.clj`` (the same from 0.9 to 2.x), ``TopologyBuilder.java``, ``storm.thrift``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.model import (
    CLOJURE,
    Component,
    Grouping,
    Problem,
    Profile,
    Topology,
    TopologyError,
    find_problems,
    settings,
    shown,
    submitted_order,
)
from streamparse.cluster.storm_thrift import interface

__all__ = ["check_submit", "find_submit_problems", "to_storm_topology", "two_words"]

_MOST_INT = 2**31 - 1  # of Thrift's i32
_WITH_LEIN = "this topology needs Leiningen, which has Storm's Java write it down"

#: Starts a program of any number of words. -I and -S: no module of src/ stands in for one of these. Python ignores two
#: signals, which what it starts would ignore, too.
_EXEC = (
    "-IScimport os, signal as s; s.signal(s.SIGPIPE, s.SIG_DFL); s.signal(s.SIGXFSZ, s.SIG_DFL); "
    "w = {words}; os.execvp(w[0], w)"
)


def to_storm_topology(topology: Topology, conf: Mapping[str, object], profile: Profile) -> Any:
    """Return the StormTopology of a topology in which ``find_submit_problems`` finds nothing.

    Spouts and bolts are in the order in which Storm's own Clojure sends them, for that decides the order in which a
    worker serves the subscribers of a stream. Inputs and streams are in the order of the file, which decides nothing.
    Neither Storm's version nor the JDK's is set: then Nimbus takes its own.

    Args:
        topology: the topology.
        conf: its configuration.
        profile: the version of Storm that will run it.

    Returns:
        A struct of ``storm_thrift.interface()``.
    """
    storm = interface()
    python = str(conf.get(settings.PYTHON_PATH) or "python3")

    def component(component_id: str) -> tuple[Any, Any]:
        found = topology.components[component_id]
        return _object(found, python), _common(found)

    return storm.StormTopology(
        spouts={
            each: storm.SpoutSpec(*component(each))
            for each in submitted_order(topology.spouts, profile)
        },
        bolts={
            each: storm.Bolt(*component(each)) for each in submitted_order(topology.bolts, profile)
        },
        state_spouts={},
    )


def two_words(command: Sequence[str], python: str) -> tuple[str, str]:
    """Return the program and the one argument that start a component; a ShellComponent has no more.

    Args:
        command: the argv of the component.
        python: the interpreter on the workers that starts a command of another number of words.
    """
    if len(command) == 4 and tuple(command[1:3]) == ("-m", "streamparse.run"):
        return command[0], f"-cimport streamparse.run as r; r.run_component({command[3]!a})"
    if len(command) == 2:
        return command[0], command[1]
    return python, _EXEC.format(words=ascii(list(command)))


def _object(component: Component, python: str) -> Any:
    storm = interface()
    if component.command is not None:
        program, script = two_words(component.command, python)
        shell = storm.ShellComponent(execution_command=program, script=script)
        return storm.ComponentObject(shell=shell)
    if component.serialized is not None:
        return storm.ComponentObject(serialized_java=component.serialized)
    made = _java_object(component.jvm_class, component.java_arguments)
    return storm.ComponentObject(java_object=made)


def _java_object(java_class: str | None, arguments: Sequence[object] | None) -> Any:
    storm = interface()
    return storm.JavaObject(
        full_class_name=java_class,
        args_list=[storm.JavaObjectArg(**_java_argument(each)) for each in arguments or ()],
    )


def _java_argument(value: object) -> dict[str, object]:
    """Return an argument by the name of its type; a whole number is a long, as streamparse 3 to 5 send it."""
    names = {bool: "bool_arg", int: "long_arg", float: "double_arg", str: "string_arg"}
    return {names.get(type(value), "binary_arg"): value}


def _common(component: Component) -> Any:
    storm = interface()
    inputs = {
        storm.GlobalStreamId(source, stream): _grouping(grouping)
        for (source, stream), grouping in component.inputs.items()
    }
    streams = {
        name: storm.StreamInfo(list(stream.fields), stream.direct)
        for name, stream in component.outputs.items()
    }
    hint = component.parallelism
    if hint is None and component.notation is not CLOJURE:
        hint = 1  # the same to Storm, and what streamparse 3 to 5 send
    return storm.ComponentCommon(inputs, streams, hint, json.dumps(dict(component.conf)))


def _grouping(grouping: Grouping) -> Any:
    storm = interface()
    if grouping.kind in ("fields", "global"):  # no fields at all are the global grouping
        return storm.Grouping(fields=list(grouping.fields))
    if grouping.serialized is not None:
        return storm.Grouping(custom_serialized=grouping.serialized)
    if grouping.kind == "custom":
        made = _java_object(grouping.java_class, grouping.java_arguments)
        return storm.Grouping(custom_object=made)
    return storm.Grouping(**{grouping.kind.replace("-", "_"): storm.NullStruct()})


# -- what Nimbus would take ----------------------------------------------------------------------------------------


def check_submit(topology: Topology, conf: Mapping[str, object], profile: Profile) -> None:
    """Refuse a topology in which ``find_submit_problems`` finds any.

    Raises:
        TopologyError: with all of them.
    """
    if problems := find_submit_problems(topology, conf, profile):
        raise TopologyError(problems)


def find_submit_problems(
    topology: Topology, conf: Mapping[str, object], profile: Profile
) -> list[Problem]:
    """Return everything that keeps a topology from being submitted by Thrift, in no order.

    Args:
        topology: the topology.
        conf: its configuration.
        profile: the version of Storm that will run it.
    """
    problems = find_problems(topology, conf, profile=profile)
    if not topology.spouts:
        problems.append(
            Problem(
                topology.place,
                None,
                "the topology has no spout, so nothing ever happens in it",
                "expected at least one",
                "accepts it without a message",
            )
        )
    for component in topology.components.values():
        problems += _component_problems(component)
    return problems


def _component_problems(component: Component) -> Iterator[Problem]:
    # A Python class names what the workers have; the Java of a Clojure file comes in Leiningen's jar.
    if component.notation is CLOJURE:
        yield from _java_problems(component)
    if component.parallelism is not None and component.parallelism > _MOST_INT:
        yield Problem(
            component.place_of("p"),
            component.id,
            f"its parallelism is {component.parallelism}",
            f"expected a number from 1 to {_MOST_INT}",
        )
    for text in _texts(component):
        if any("\ud800" <= each <= "\udfff" for each in text):
            yield Problem(
                component.place,
                component.id,
                f"half a character in {shown(text)}",
                "expected text that UTF-8 can write",
            )


def _java_problems(component: Component) -> Iterator[Problem]:
    if component.command is None:
        what = component.jvm_class or "a Java object"
        yield Problem(
            component.place, component.id, f"{what} runs in the JVM, and is no process", _WITH_LEIN
        )
    for (source, stream), grouping in component.inputs.items():
        if grouping.kind in ("custom", "partial-key"):
            yield Problem(
                component.place_of("groupings", source, stream),
                component.id,
                f"the grouping of {shown(source)} is a Java object, {grouping}",
                _WITH_LEIN,
            )


def _texts(component: Component) -> Iterator[str]:
    """All that is sent as text; a configuration is sent as JSON, which writes any."""
    yield component.id
    if component.command is not None and len(component.command) == 2:
        yield from component.command
    for name, stream in component.outputs.items():
        yield from (name, *stream.fields)

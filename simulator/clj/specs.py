"""The forms that make components: Storm's Clojure DSL, and the two that streamparse adds to it.

Sources: ``backtype/storm/clojure.clj`` and ``thrift.clj`` (the same from 0.9 to 2.x), ``streamparse/specs.clj``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from simulator.clj.component_builder import ComponentBuilder, DirectStream
from simulator.clj.evaluator import Builtin, Call
from simulator.clj.values import Map, named
from simulator.model import STORM_KEYS

__all__ = ["LIBRARIES", "SPECS", "config_constant"]

_DSL: Final = frozenset(
    {
        "shell-spout-spec",
        "shell-bolt-spec",
        "spout-spec",
        "bolt-spec",
        "topology",
        "direct-stream",
    }
)
#: The names that each library defines.
LIBRARIES: Final[Mapping[str, frozenset[str]]] = {
    "streamparse.specs": frozenset({"python-spout-spec", "python-bolt-spec"}),
    "backtype.storm.clojure": _DSL,  # up to 0.10
    "org.apache.storm.clojure": _DSL,
}

_PYTHON_SPOUT: Final = '(python-spout-spec options "module.Class" ["field"])'
_PYTHON_BOLT: Final = '(python-bolt-spec options {"source" :shuffle} "module.Class" ["field"])'


def config_constant(name: str) -> str | None:
    """Return the key behind a constant of ``backtype.storm.config`` or Java's Config, or None.

    ``TOPOLOGY-DEBUG`` and ``Config/TOPOLOGY_DEBUG`` are "topology.debug".
    """
    return _config_constants().get(name.removeprefix("Config/").replace("_", "-"))


@lru_cache(maxsize=1)
def _config_constants() -> Mapping[str, str]:
    return {re.sub(r"[._]", "-", key.upper()): key for key in STORM_KEYS}


def _python_spout(call: Call) -> object:
    _refuse_missing_options(call, 0)
    builder = ComponentBuilder(call)
    builder.run_class(0, 1)
    builder.declare(2)
    builder.configure(3)
    return builder.spec("spout")


def _python_bolt(call: Call) -> object:
    if not isinstance(call.arguments[2], Map):
        _refuse_missing_options(call, 1)
    builder = ComponentBuilder(call)
    builder.subscribe(1)
    builder.run_class(0, 2)
    builder.declare(3)
    builder.configure(4)
    return builder.spec("bolt")


def _refuse_missing_options(call: Call, index: int) -> None:
    """Refuse a call without options: the class is one argument early. Elsewhere two arguments were swapped."""
    if isinstance(call.arguments[index], str) and not isinstance(call.arguments[index + 1], str):
        raise call.refusal(
            call.at(0),
            f"the options are missing: it begins with {named(call.arguments[0])}",
            f"expected {call.usage}",
        )


def _shell_spout(call: Call) -> object:
    if isinstance(call.arguments[0], Map):
        raise call.refusal(
            call.at(0),
            "the command is a map, as if these were options",
            f"expected {_PYTHON_SPOUT} with options, or {call.usage} without",
            "array element type mismatch",
        )
    builder = ComponentBuilder(call)
    following = builder.run_command(0)
    builder.declare(following)
    builder.configure(following + 1)
    return builder.spec("spout")


def _shell_bolt(call: Call) -> object:
    if isinstance(call.arguments[1], Map):
        raise call.refusal(
            call.at(1),
            "the command is a map, as if the first argument were options",
            f"expected {_PYTHON_BOLT} with options, or {call.usage} without",
            "array element type mismatch",
        )
    builder = ComponentBuilder(call)
    builder.subscribe(0)
    following = builder.run_command(1)
    builder.declare(following)
    builder.configure(following + 1)
    return builder.spec("bolt")


def _jvm_spout(call: Call) -> object:
    builder = ComponentBuilder(call)
    builder.configure(1)
    return builder.spec("spout", java=call.arguments[0])


def _jvm_bolt(call: Call) -> object:
    builder = ComponentBuilder(call)
    builder.subscribe(0)
    builder.configure(2)
    return builder.spec("bolt", java=call.arguments[1])


def _topology(call: Call) -> object:
    places = [call.at(index) for index in range(len(call.arguments))]
    return call.evaluator.vector(call.arguments, call.node.at, places)


def _direct_stream(call: Call) -> object:
    return DirectStream(call.arguments[0], call.at(0))


def _spec(
    run: Callable[[Call], object],
    least: int,
    usage: str,
    *,
    most: int | None = None,
    java_argument: int | None = None,
) -> Builtin:
    """Return a builtin named as in its usage, which checks each argument whatever is wrong with the others."""
    name = usage[1:].partition(" ")[0]
    return Builtin(name, run, least, most, usage, takes_broken=True, java_argument=java_argument)


#: The spec forms by name.
SPECS: Final[Mapping[str, Builtin]] = {
    each.name: each
    for each in (
        _spec(_python_spout, 3, _PYTHON_SPOUT),
        _spec(_python_bolt, 4, _PYTHON_BOLT),
        _spec(_shell_spout, 2, '(shell-spout-spec ["command" "argument"] ["field"])'),
        _spec(
            _shell_bolt, 3, '(shell-bolt-spec {"source" :shuffle} ["command" "argument"] ["field"])'
        ),
        _spec(_jvm_spout, 1, "(spout-spec (my.Spout.))", java_argument=0),
        _spec(_jvm_bolt, 2, '(bolt-spec {"source" :shuffle} (my.Bolt.))', java_argument=1),
        _spec(_topology, 2, "(topology {spouts} {bolts})", most=3),
        _spec(_direct_stream, 1, '(direct-stream ["field"])', most=1),
    )
}

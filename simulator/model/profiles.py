"""The differences between Storm's versions, in one table.

A *profile* is a Storm version. Where versions differ in something that a component or its user can see, the rest of the
simulator asks the profile and never compares version numbers. The table has the version from which each value holds;
between two entries of a switch nothing changed. After ``NEWEST_READ`` and ``UNRELEASED`` nothing is known: a later
version is treated like the newest known, and ``version_note`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

__all__ = [
    "LINES",
    "NEWEST",
    "NEWEST_READ",
    "OLDEST",
    "UNRELEASED",
    "Profile",
    "profile",
    "version_note",
]

#: The newest Storm that was recorded and compared with the simulator.
NEWEST = "2.8.3"

#: The newest release whose source was read, beside that of ``NEWEST``: nothing that a switch is about has changed.
NEWEST_READ = "2.8.8"

#: The next Storm, of which no release exists. Its source was read as of ``_UNRELEASED_COMMIT``.
UNRELEASED = "3.0.0"
_UNRELEASED_COMMIT = "73da988d9"  # of apache/storm, 3.0.0-SNAPSHOT, July 2026

#: The first Storm whose protocol has heartbeats. 0.9.2-incubating, the one before, is treated like it.
OLDEST = "0.9.3"

#: The release lines that are known.
LINES = ("0.9", "0.10", "1.0", "1.1", "1.2", *(f"2.{minor}" for minor in range(9)), "3.0")
_OLDEST_NAMED = (0, 9, 2)
# The version that Storm is built from, then a vendor's own numbers, then a suffix: 0.9.3.2.2.4.2-2 is HDP's 0.9.3.
_VERSION = re.compile(r"(\d{1,4}\.\d{1,4}\.\d{1,4})(?:\.\d{1,9})*(?:-[\w.-]+)?", re.ASCII)


@dataclass(frozen=True)
class Profile:
    """A Storm version and its behaviour where versions differ.

    ``version`` is its number, such as "2.8.3".
    """

    version: str
    #: JSON integers that fit 32 bits become Integer, whose hash is the value, and not Long, whose hash is folded.
    small_integers: bool
    #: Float tokens of more than 18 characters become BigDecimal, hashed by their literal.
    long_floats_are_decimal: bool
    #: `"task": n` in an emit works; otherwise it kills the worker: Integer cannot be cast to Long.
    direct_emit_works: bool
    #: Spouts are sent `activate` before their first `next`, and `deactivate`.
    activates: bool
    #: The handshake's context describes streams and groupings, not only tasks.
    full_context: bool
    #: Emitting on an undeclared stream kills the worker; otherwise the tuple is dropped silently.
    undeclared_stream_is_error: bool
    #: Sending to a component without tasks kills the worker; otherwise it is skipped when routing.
    empty_component_is_error: bool
    #: A cluster refuses a wrong number of values; otherwise only local mode does.
    arity_checked_on_cluster: bool
    #: A reliable spout emit that reached no task is acked through the acker, or inside the emit.
    unreceived: Literal["acker", "nested"]
    #: A reply with task ids overtakes tuples that the parent has not written yet.
    ids_overtake_tuples: bool
    #: Any message of a bolt counts as a heartbeat; otherwise only `sync` does.
    any_message_is_heartbeat: bool
    #: Who waits for a full queue: nobody, as ShellBolt's has no limit; all spouts, if asked for; or who emits.
    full_queue: Literal["nobody", "spouts", "sender"]
    #: The default of topology.backpressure.enable.
    backpressure: bool
    #: topology.subprocess.timeout.secs, where it is set, says how long a component may be silent.
    subprocess_timeout: bool
    #: A bolt that was silent too long neither dies nor gets anything more, since its stderr is read to the end first.
    silent_bolt_stops: bool
    #: A spout that is not asked, since too much is pending, dies as one that is silent.
    full_spout_dies: bool
    #: Ticks and message timeouts count from the end of open and prepare; otherwise from when the executor is made.
    timers_follow_prepare: bool
    #: An acker forgets a root of which it hears nothing for two message timeouts.
    ackers_forget: bool
    #: An `error` message from a spout kills its worker; otherwise it is reported.
    spout_error_kills: bool
    #: An executor's pending tuples rotate once for each of its tasks at every timeout tick.
    rotations_per_task: bool
    #: A spout's executor takes acks and fails until none waits; otherwise those that waited when it began.
    inbox_until_empty: bool
    #: The JSON library that reads what components write: json-simple or json-smart.
    json: Literal["simple", "smart"]
    #: `false` is a message id like any other; otherwise it means "unreliable".
    false_is_an_id: bool
    #: Shuffle grouping: whole rounds, with replacement, or a ring of about a thousand slots.
    shuffle: Literal["rounds", "random", "ring"]
    #: Partial key grouping draws its two candidates from murmur3_128 or from java.util.Random.
    partial_key: Literal["murmur", "random"]
    #: Several subscribers are walked in the order of a grown HashMap, or of a copy sized at once.
    java_map: Literal["hash", "copied"]
    #: Clojure's own maps go by String.hashCode, or (since Clojure 1.6) by a murmur hash of it.
    clojure_hash: Literal["plain", "murmur"]
    #: The level of a component's `log` message counts; otherwise everything is INFO.
    log_levels: bool
    #: Values that Kryo does not know (lists, dicts, BigDecimals) may cross between workers.
    java_serialization: bool
    #: topology.tick.tuple.freq.secs is read as an int, from a string too; otherwise any number is accepted.
    tick_is_int: bool
    #: Numbers in settings are read as ints, and 2.0 is refused; otherwise it means 2.
    settings_are_int: bool
    #: The default of topology.shellbolt.max.pending; None means no limit.
    shellbolt_max_pending: int | None
    #: The default of topology.sleep.spout.wait.strategy.time.ms; None where Storm no longer sets it.
    spout_sleep_ms: int | None
    #: The Java package of Storm's own classes, as the handshake's conf names them.
    package: Literal["backtype.storm", "org.apache.storm"]


# Switch -> (since version, value), oldest first. P1 to P11 are the numbers of docs and tests.
_SINCE: Mapping[str, tuple[tuple[str, object], ...]] = {
    # 2.6.0 replaced json-simple by json-smart in JsonSerializer: P1, P2 and P3 follow from that.
    "small_integers": (("0.9.3", False), ("2.6.0", True)),  # P1
    "long_floats_are_decimal": (("0.9.3", False), ("2.6.0", True)),  # P2
    "direct_emit_works": (("0.9.3", True), ("2.6.0", False)),  # P3
    "activates": (("0.9.3", False), ("1.1.0", True)),  # P4, ShellSpout.activate
    "full_context": (("0.9.3", False), ("0.10.0", True)),  # P5, TopologyContext.toJSONString
    "undeclared_stream_is_error": (("0.9.3", False), ("2.0.0", True)),  # P6, Task.java
    "empty_component_is_error": (("0.9.3", False), ("2.0.0", True)),  # outbound-groupings' filter
    "arity_checked_on_cluster": (("0.9.3", True), ("2.0.0", False)),  # P7, TupleImpl
    "unreceived": (("0.9.3", "acker"), ("0.10.0", "nested"), ("2.0.0", "acker")),  # P8
    "ids_overtake_tuples": (("0.9.3", False), ("1.0.0", True)),  # P9, ShellBoltMessageQueue
    "any_message_is_heartbeat": (("0.9.3", False), ("0.10.0", True)),  # P10, ShellBolt
    "full_queue": (
        ("0.9.3", "nobody"),
        ("1.0.0", "spouts"),
        ("2.0.0", "sender"),
    ),  # ExecutorTransfer
    "backpressure": (("0.9.3", False), ("1.0.0", True), ("1.0.2", False)),  # defaults.yaml
    "subprocess_timeout": (("0.9.3", False), ("1.0.0", True)),  # ShellBolt.prepare, ShellSpout.open
    "silent_bolt_stops": (("0.9.3", True), ("0.9.7", False)),  # ShellProcess.getErrorsString
    "full_spout_dies": (  # STORM-1928, ShellSpout.waitingOnSubprocess
        ("0.9.3", True),
        ("0.9.7", False),
        ("0.10.0", True),
        ("0.10.2", False),
        ("1.0.0", True),
        ("1.0.2", False),
    ),
    "timers_follow_prepare": (  # executor.clj setup-ticks!
        ("0.9.3", False),
        ("1.0.6", True),
        ("1.1.0", False),
        ("1.1.2", True),
    ),
    "ackers_forget": (  # executor.clj setup-ticks!, which ticks __acker; Acker.java has a third bucket
        ("0.9.3", False),
        ("1.0.6", True),
        ("1.1.0", False),
        ("1.1.2", True),
        ("2.0.0", False),
    ),
    "spout_error_kills": (("0.9.3", True), ("0.9.5", False)),  # P11, STORM-796
    "rotations_per_task": (("0.9.3", True), ("2.8.0", False)),  # STORM-3693, SpoutExecutor.java
    "inbox_until_empty": (("0.9.3", False), ("2.0.0", True)),  # DisruptorQueue, JCQueue.consumeImpl
    "json": (("0.9.3", "simple"), ("2.6.0", "smart")),
    "false_is_an_id": (("0.9.3", False), ("2.0.0", True)),  # Clojure's truth against Java's null
    "shuffle": (("0.9.3", "rounds"), ("1.0.0", "random"), ("2.0.0", "ring")),
    "partial_key": (("0.9.3", "murmur"), ("2.0.0", "random")),  # PartialKeyGrouping
    "java_map": (("0.9.3", "copied"), ("2.0.0", "hash")),
    "clojure_hash": (("0.9.3", "plain"), ("0.10.0", "murmur")),  # Clojure 1.5.1, 1.6.0
    "log_levels": (("0.9.3", True), ("2.6.0", False), ("2.8.1", True)),  # tested for Long
    # topology.fall.back.on.java.serialization's default in each line's defaults.yaml
    "java_serialization": (
        ("0.9.3", True),
        ("1.2.4", False),
        ("2.0.0", True),
        ("2.1.1", False),
        ("2.2.0", True),
        ("2.2.1", False),
    ),
    "tick_is_int": (
        ("0.9.3", False),
        ("2.0.0", True),
    ),  # executor.clj setup-ticks!, ObjectReader.getInt
    "settings_are_int": (("0.9.3", False), ("2.0.0", True)),  # Utils.getInt, ObjectReader.getInt
    "shellbolt_max_pending": (("0.9.3", None), ("1.0.0", 100)),
    "spout_sleep_ms": (("0.9.3", 1), ("2.0.0", None)),  # WaitStrategyProgressive came instead
    "package": (("0.9.3", "backtype.storm"), ("1.0.0", "org.apache.storm")),
}


@lru_cache(maxsize=32)
def profile(version: str) -> Profile:
    """Return the profile of a full version such as "0.9.5".

    What follows the first three numbers changes nothing: "2.8.3-SNAPSHOT" and HDP's "0.10.0.2.3.0.0-2557" are treated
    like 2.8.3 and 0.10.0. A version after the newest known, such as "2.9.0", is treated like that.

    Raises:
        ValueError: no Storm has this version, or it is too old.
    """
    at = _parse(version)
    # Any: the values have several types. Tests compare every profile with one that is written out.
    switches: dict[str, Any] = {name: _value_at(steps, at) for name, steps in _SINCE.items()}
    return Profile(version=version, **switches)


def version_note(version: str) -> str:
    """Return in one line what a version is taken for that was not compared itself; "" where nothing is to be said.

    Raises:
        ValueError: as ``profile``.
    """
    at = _parse(version)
    if _numbers_of(version) < _numbers(OLDEST):
        return f"Storm {version} is treated like {OLDEST}, the first whose protocol has heartbeats"
    if at <= _numbers(NEWEST):
        return ""
    if at <= _numbers(NEWEST_READ):
        return f"Storm {version}: its rules were read from source, not compared; none differs from {NEWEST}'s"
    if at < _numbers(UNRELEASED):
        return f"Storm {version} is not known here; it is treated like {NEWEST_READ}, the newest Storm 2 that is"
    if at[:2] == _numbers(UNRELEASED)[:2]:
        source = f"{UNRELEASED}-SNAPSHOT, apache/storm {_UNRELEASED_COMMIT}"
        return f"Storm {version}: its rules were read from source ({source}), not compared"
    return f"Storm {version} is not known here; it is treated like {UNRELEASED}, the newest Storm that is"


def _value_at(steps: tuple[tuple[str, object], ...], at: tuple[int, int, int]) -> object:
    return [value for since, value in steps if _numbers(since) <= at][-1]


def _parse(version: str) -> tuple[int, int, int]:
    at = _numbers_of(version)
    is_later = at > _numbers(NEWEST_READ)  # a release that was not there when this was written
    if at >= _OLDEST_NAMED and (is_later or f"{at[0]}.{at[1]}" in LINES):
        return max(at, _numbers(OLDEST))
    raise ValueError(
        f"Storm version {version!r}: not one that can be simulated; expected a full version, 0.9.2-incubating or "
        f"newer, such as {NEWEST!r} (lines: {', '.join(LINES)})"
    )


def _numbers_of(version: str) -> tuple[int, int, int]:
    """The version that a Storm is built from; zeros for other text."""
    found = _VERSION.fullmatch(version)
    return (0, 0, 0) if found is None else _numbers(found[1])


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch

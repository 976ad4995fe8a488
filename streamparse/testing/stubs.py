"""Stubs for the spouts and bolts of a topology under test: rows, other classes, functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from simulator.engine import Feed
from simulator.model import Topology, component_conf_problems, did_you_mean
from simulator.testing import (
    HarnessError,
    is_test_error,
)
from streamparse.multilang import DEFAULT_STREAM
from streamparse.storm import Bolt, Tuple
from streamparse.testing.lookup import check_dotted, dotted_name
from streamparse.testing.row_values import Rows
from streamparse.testing.targets import Outputs, declared_streams

__tracebackhide__ = is_test_error  # pytest then shows the test's line
#: In place of a bolt: a class, its dotted name, or a function of a tuple that returns rows to emit, or None.
Stub = type | str | Callable[[Tuple], Any]


@dataclass(frozen=True)
class StubbedTopology:
    """A topology with what stands in for its components.

    Attributes:
        topology: with the classes of the stubs.
        feeds: rows by spout id.
        classes: classes by component id, where the test has given the class itself.
    """

    topology: Topology
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    classes: Mapping[str, type] = field(default_factory=dict)


def feed_of(
    rows: Sequence[Sequence[Any]], *, retries: int = 0, stream: str = DEFAULT_STREAM
) -> Feed:
    """Return rows that stand in for a spout: ``storm.feed``.

    Raises:
        HarnessError: the rows are none, or ``retries`` is negative.
    """
    if retries < 0:
        raise HarnessError(f"retries={retries}: expected at least 0")
    if not _is_list_of_any(rows):
        raise _no_rows(rows)
    found = list(rows)
    if not all(map(_is_list_of_any, found)):
        raise _no_rows(found)
    return Feed([list(row) for row in found], retries, stream)


def _is_list_of_any(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _no_rows(given: object) -> HarnessError:
    return HarnessError(
        f"rows {given!r}: expected a list of lists of values, such as [['dog'], ['cat']]"
    )


def stub(
    topology: Topology,
    *,
    spouts: Mapping[str, Any] | None = None,
    bolts: Mapping[str, Stub] | None = None,
    outputs: Mapping[str, Outputs] | None = None,
    parallelism: Mapping[str, int] | None = None,
    component_conf: Mapping[str, Mapping[str, object]] | None = None,
) -> StubbedTopology:
    """Return the topology with its components replaced as the arguments of ``storm.topology`` say.

    Raises:
        HarnessError: a component is not there, a stub is of no use, or a component needs a JVM and has no stub.
    """
    for argument, value in (
        ("spouts", spouts), ("bolts", bolts), ("outputs", outputs), ("parallelism", parallelism),
        ("component_conf", component_conf),
    ):  # fmt: skip
        if value is not None and not isinstance(value, Mapping):
            raise HarnessError(f"{argument}={value!r}: expected a dict by component id")
    feeds: dict[str, Feed] = {}
    classes: dict[str, type] = {}
    for component, fields in (outputs or {}).items():
        topology = _changed(topology, component, outputs=declared_streams(fields, "outputs"))
    for component, given in (spouts or {}).items():
        _check_kind(topology, component, "spout")
        if isinstance(given, Rows):
            feed: Feed | None = _feed_of(topology, component, given)
        else:
            feed = _own(given) if isinstance(given, Feed) else _rows(given)
        if feed is not None:
            feeds[component] = feed
        else:
            topology = _replaced(topology, component, given, classes)
    for component, given in (bolts or {}).items():
        _check_kind(topology, component, "bolt")
        topology = _replaced(topology, component, given, classes)
    for component, number in (parallelism or {}).items():
        topology = _changed(topology, component, parallelism=number)
    for component, settings in (component_conf or {}).items():
        topology = _configured(topology, component, settings)
    _check_none_needs_a_jvm(topology, feeds)
    return StubbedTopology(topology, feeds, classes)


def _own(feed: Feed) -> Feed:
    """Return a copy: rows that are added while a topology runs are those of that topology alone."""
    return replace(feed, rows=[*feed.rows])


def _changed(topology: Topology, component: str, **changes: Any) -> Topology:
    try:
        return topology.replace(component, **changes)
    except ValueError as error:
        raise HarnessError(str(error)) from None


def _configured(topology: Topology, component: str, settings: Mapping[str, object]) -> Topology:
    if not isinstance(settings, Mapping):
        raise HarnessError(
            f"component_conf={{{component!r}: {settings!r}}}: expected a map of settings"
        )
    changed = _changed(topology, component, conf=settings)
    problems = [*component_conf_problems(changed.components[component])]
    if problems:
        raise HarnessError(
            "\n".join(
                f"component_conf: {problem.finding}; {problem.remedy}" for problem in problems
            )
        )
    return changed


def _check_kind(topology: Topology, component: str, kind: Literal["spout", "bolt"]) -> None:
    there = topology.spouts if kind == "spout" else topology.bolts
    if component not in there:
        near = did_you_mean(component, there) or f"; its {kind}s are {list(there)}"
        raise HarnessError(f"topology {topology.name!r} has no {kind} {component!r}{near}")


def _check_none_needs_a_jvm(topology: Topology, feeds: Mapping[str, Feed]) -> None:
    for component in topology.components.values():
        if component.command is None and component.id not in feeds:
            what = "rows" if component.kind == "spout" else "a class or a function"
            raise HarnessError(
                f"{component.id} ({component.jvm_class}) needs a JVM, and cannot run here; give {what} in its "
                f"place: {component.kind}s={{{component.id!r}: ...}}, and declare what that emits: "
                f"outputs={{{component.id!r}: [fields]}}"
            )


# -- rows -------------------------------------------------------------------------------------------------------


def _feed_of(topology: Topology, spout: str, rows: Rows) -> Feed:
    """The feed of rows by field name.

    Raises:
        HarnessError: the spout has other fields.
    """
    declared = topology.components[spout].outputs.get(DEFAULT_STREAM)
    if declared is None:
        raise HarnessError(
            f"spouts={{{spout!r}: rows(...)}}: what {spout} emits is not declared; "
            f"give its fields: outputs={{{spout!r}: [fields]}}"
        )
    return feed_of(rows.in_order(declared.fields, spout), retries=rows.retries)


def _rows(given: object) -> Feed | None:
    """The feed of plain rows; None when this is a class, or the name of one."""
    if isinstance(given, (str, type)) or callable(given):
        return None
    if isinstance(given, Sequence):
        return feed_of(given)
    raise _no_rows(given)


# -- classes and functions --------------------------------------------------------------------------------------


def _replaced(
    topology: Topology, component: str, given: Stub, classes: dict[str, type]
) -> Topology:
    """The topology with another class for this component, which ``classes`` keeps unless only its name is given."""
    if isinstance(given, str):
        kind = topology.components[component].kind
        check_dotted(given, f"{kind}s={{{component!r}: {given!r}}}")
        return _changed(topology, component, python_class=given)
    cls = given if inspect.isclass(given) else _bolt_of(component, given)
    classes[component] = cls
    return _changed(topology, component, python_class=dotted_name(cls))


def _bolt_of(component: str, function: Any) -> type:
    if not callable(function):
        raise HarnessError(
            f"the stub for {component!r} is {function!r}; expected a class, its dotted name or a function"
        )

    class Function(Bolt):
        """Emits the rows that a function returns."""

        def process(self, tup: Tuple) -> None:
            for row in _rows_of(component, function(tup)):
                self.emit(row)

    return Function


def _rows_of(component: str, returned: Any) -> Iterator[Sequence[Any]]:
    if not returned:
        return
    where = f"the function in place of {component!r} returned {returned!r}"
    expected = "expected a list of rows, such as [['dog', 1]], or None"
    if isinstance(returned, (str, bytes, Mapping)) or not isinstance(returned, Iterable):
        raise HarnessError(f"{where}; {expected}")
    for row in returned:
        if not isinstance(row, (list, tuple)):
            raise HarnessError(f"{where}, in which {row!r} is not a row; {expected}")
        yield row

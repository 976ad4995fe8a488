"""The components of a test, checked before they run: what is wrong is an error of the test, or a warning in it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable
from pathlib import Path

from simulator.model import Component, Topology, TopologyError
from simulator.testing import (
    HarnessError,
    is_test_error,
)
from streamparse.project import (
    Finding,
    check_class,
    check_components,
    have_named_values,
    problems_of,
    python_classes,
)
from streamparse.starting import Runnable, StartError, check_callable

__tracebackhide__ = is_test_error  # pytest then shows the test's line


class ComponentWarning(UserWarning):
    """A component under test runs, and hardly as it was meant."""


def checked_seed(seed: int | str) -> int | str:
    """Return a seed.

    Raises:
        HarnessError: it is neither a whole number nor a text.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, str)):
        raise HarnessError(f"seed={seed!r}: expected a whole number, such as 7, or a text")
    return seed


def checked_cases(cases: object) -> tuple[str | Path, ...]:
    """Return the files of cases.

    Raises:
        HarnessError: this is no list of files.
    """
    files = tuple(cases) if isinstance(cases, Iterable) and not isinstance(cases, str) else None
    if files is not None and all(isinstance(each, (str, Path)) for each in files):
        return files
    such_as = (
        [str(cases)] if isinstance(cases, (str, Path)) else [".storm-cases/words-1a2b3c4d.json"]
    )
    raise HarnessError(f"cases={cases!r}: expected a list of files, such as cases={such_as!r}")


def check_given_class(kind: str, target: object) -> None:
    """Refuse what is given to ``storm.bolt`` or ``storm.spout`` and can make no component of this kind.

    Raises:
        HarnessError: one line that says what to give.
    """
    where = f"storm.{kind}"
    if isinstance(target, Runnable):
        cls = type(target).__name__
        raise HarnessError(
            f"{where}({cls}()): this is an instance; expected the class: {where}({cls})"
        )
    name = getattr(target, "__name__", repr(target))
    try:
        check_callable(target, name)
    except StartError as error:
        raise HarnessError(f"{where}({name}): {error}") from None
    if not isinstance(target, type) or not issubclass(target, Runnable):
        return
    if target._kind not in (None, kind):
        raise HarnessError(
            f"{where}({name}): {name} is a {target._kind}; expected a {kind}, or storm.{target._kind}({name})"
        )
    _warn(check_class(target))


def check_named(components: Collection[Component], source_dir: Path) -> None:
    """Check components by the text of their modules.

    Raises:
        TopologyError: they cannot run.
    """
    findings = check_components(
        python_classes(components), source_dir, values_are_named=have_named_values(components)
    )
    _warn([each for each in findings if each.severity == "warning"])
    problems = problems_of(findings)
    if problems:
        raise TopologyError(problems)


def check_topology(topology: Topology, without: Collection[str], source_dir: Path) -> None:
    """Check the components of a topology but those that the test replaces.

    Raises:
        TopologyError: as ``check_named``.
    """
    check_named(
        [each for each in topology.components.values() if each.id not in without], source_dir
    )


def _warn(findings: Collection[Finding]) -> None:
    for finding in findings:
        warnings.warn(str(finding), ComponentWarning, stacklevel=5)

"""Whether components do the same in another process: with another hash seed, and another process id.

Components of an exploration run in one process, so all their lives share its hash seed, its process id and the
addresses of its objects. On Storm a restart has others. What a component makes of them cannot be exchanged in this
process. So where the code of a topology asks for such a thing at all, its fault-free run is made twice more, in two new
processes each with a hash seed of its own, and what the components have emitted is compared. The order does not count.

The assertions of the test are not asked: what its own process holds, such as a table in memory, is not there. Both
processes lack the same, so that it makes no difference between them.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from simulator.engine import events
from simulator.exploring.explored_run import Arguments, Maker
from simulator.exploring.varying import HASH_SEEDS
from simulator.model import Topology
from simulator.testing import ComponentError, HarnessError, NotDeterministicError, RunningTopology
from streamparse.multilang import is_users

MOST_SECONDS = 3600  # virtual, of one run
MOST_EMITS = 5000  # of one run
MOST_PLACES = 3  # that the error names


@dataclass(frozen=True)
class Emitted:
    """Something that a component has emitted.

    Attributes:
        component: its id.
        stream: the stream.
        values: the values as text; the order of lists does not count.
        to: the tasks that it has chosen, of a direct emit.
    """

    component: str
    stream: str
    values: str
    to: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = f" to task {', '.join(map(str, self.to))}" if self.to else ""
        on = "" if self.stream == "default" else f" on {self.stream}"
        return f"{self.values}{on}{where}"


def check_other_processes(
    make: Maker, asked: Arguments, suspects: Mapping[str, Sequence[str]]
) -> None:
    """Refuse components that do something else in another process.

    Args:
        make: makes a topology.
        asked: what the fault-free run has asked for.
        suspects: see ``suspects_of``.

    Raises:
        NotDeterministicError: one does; with what it has emitted, and the lines that may be why.
    """
    first, second = (_emitted(make, asked, seed) for seed in HASH_SEEDS)
    once, then = first - second, second - first
    for component, places in suspects.items():
        was = [str(each) for each in once if each.component == component]
        now = [str(each) for each in then if each.component == component]
        if was or now:
            raise NotDeterministicError(_in_words(component, was, now, places))


def _in_words(component: str, was: Sequence[str], now: Sequence[str], places: Sequence[str]) -> str:
    lines = [
        f"{component} is not deterministic: given the same tuples, it does something else in another process, where "
        "the hash of a text, the order of a set and the process id are others. A restart is such a process.",
        f"Once it emitted {_listed(was)}, and then {_listed(now)}. This may come from",
        *(f"  {place}" for place in places[:MOST_PLACES]),
        'explore(vary=[...]) without "hash seed" does not compare.',
    ]
    return "\n".join(lines)


def _listed(emitted: Sequence[str]) -> str:
    more = f" and {len(emitted) - 2} more" if len(emitted) > 2 else ""
    return ", ".join(emitted[:2]) + more if emitted else "nothing"


def _emitted(make: Maker, asked: Arguments, hash_seed: int) -> Counter[Emitted]:
    """What components have emitted in a fault-free run in processes of their own."""
    options = {name: value for name, value in asked.options.items() if name not in _FAULTS}
    made = make(*asked.args, **{**options, "mode": "process", "hash_seed": hash_seed})
    try:
        made.run_at_most(MOST_SECONDS, MOST_EMITS)
    except (ComponentError, HarnessError, AssertionError):
        pass  # what it needs may be in the test's process alone; up to here it counts
    finally:
        made.close()
    direct = _direct_streams(made.topology)
    return Counter(
        _of(event, is_direct=(event.component, event.stream) in direct)
        for event in made.trace.events_from(0)
        if isinstance(event, events.Emit)
    )


_FAULTS: Final = ("rules", "orders", "choices")


def _of(event: events.Emit, *, is_direct: bool) -> Emitted:
    to = tuple(task for task, _ in event.to) if is_direct else ()
    return Emitted(event.component, event.stream, _unordered(event.values), to)


def _unordered(value: object) -> str:
    """A value as text, in which the order of what a list holds does not count; that of the values of a tuple does."""
    if isinstance(value, list):
        return f"[{', '.join(map(_sorted, value))}]"
    return _sorted(value)


def _sorted(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(sorted(map(_sorted, value)))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(sorted(f'{key}: {_sorted(each)}' for key, each in value.items()))}}}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _direct_streams(topology: Topology) -> set[tuple[str, str]]:
    return {
        source
        for bolt in topology.bolts.values()
        for source, grouping in bolt.inputs.items()
        if grouping.kind == "direct"
    }


# -- what asks for such a thing -------------------------------------------------------------------------------------


def suspects_of(made: RunningTopology) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
    """Return the lines of each Python component that ask for what another process has otherwise, with their code.

    Returns:
        By component; and a line for each component that has such lines and cannot be imported elsewhere.
    """
    found: dict[str, Sequence[str]] = {}
    elsewhere: list[str] = []
    for component in made.topology.components.values():
        name = component.python_class
        if name is None or component.id in made.simulation.options.feeds:
            continue
        places = [*_places_of(name)]
        if places and "<locals>" in name:
            elsewhere.append(
                f"hash seed: {component.id} is defined in a function, so no other process can import it"
            )
        elif places:
            found[component.id] = places
    return found, elsewhere


def _places_of(name: str) -> Iterator[str]:
    """The lines in the modules of a class and its bases, given its dotted name; those of the classes come first."""
    module, _, rest = name.partition(".<locals>")[0].rpartition(".")
    while module and module not in sys.modules:
        module, _, _ = module.rpartition(".")
    cls = getattr(sys.modules.get(module), rest, None)
    classes = (
        [each for each in cls.__mro__ if _is_users_class(each)] if isinstance(cls, type) else []
    )
    own: set[tuple[str, int]] = set()
    files = [getattr(sys.modules.get(module), "__file__", None)]
    for each in classes:
        files.append(inspect.getsourcefile(each))
        own |= _lines_of(each)
    found = {
        (file, line): None
        for file in dict.fromkeys(files)
        if isinstance(file, str) and is_users(file)
        for line in _lines(file)
    }
    for file, line in sorted(found, key=lambda place: place not in own):
        yield f"{Path(file).name}:{line}: {linecache.getline(file, line).strip()}"


def _is_users_class(cls: type) -> bool:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return isinstance(file, str) and is_users(file)


def _lines_of(cls: type) -> set[tuple[str, int]]:
    try:
        lines, first = inspect.getsourcelines(cls)
        return {(inspect.getsourcefile(cls) or "", first + at) for at in range(len(lines))}
    except (OSError, TypeError):
        return set()


@lru_cache(maxsize=256)
def _lines(file: str) -> tuple[int, ...]:
    """The lines of a file that ask for a hash, an address, a process id, or for what comes first in a set."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    tested = {
        id(other)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for other in node.comparators
    }
    lines = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and id(node) not in tested and _asks(node)
    }
    return tuple(sorted(lines))


def _asks(node: ast.expr) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name):
        return called.id in _OF_THE_PROCESS or (called.id in _SETS and bool(node.args))
    if not isinstance(called, ast.Attribute):
        return False
    return called.attr in _OF_THE_PROCESS or (called.attr == "pop" and not node.args)


_OF_THE_PROCESS: Final = frozenset(
    ("hash", "id", "getpid", "getppid", "get_ident", "get_native_id")
)
_SETS: Final = frozenset(("set", "frozenset"))

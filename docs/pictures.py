"""The pictures of the pages, drawn by the project's own code: SVG files beside the pages.

``architecture.svg`` is made of the imports in the source, ``life.svg`` of the table LIFE below, and ``simulate.svg`` of
what ``sparse simulate`` prints in examples/wordcount.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

import networkx

from simulator.drawing import FONT, Arrow, Box, Diagram, diagram_to_svg

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = Path(__file__).parent
TOP: Final = ("simulator", "streamparse", "pytest_streamparse")


def write() -> list[Path]:
    """Draw every picture; return the files that have changed."""
    changed = []
    for name, draw in PICTURES.items():
        path, picture = PAGES / name, draw()
        if not path.is_file() or path.read_text(encoding="utf-8") != picture:
            path.write_text(picture, encoding="utf-8")
            changed.append(path)
    return changed


# -- the packages and their imports ------------------------------------------------------------------------------

#: Modules that stand in the picture beside their package, or packages that stand in it with another's name.
BOXES: Final[Mapping[str, str]] = {
    "streamparse.multilang": "streamparse.multilang",  # the one module that both halves know
    "streamparse.storm": "streamparse",  # the door to streamparse.storm, and what its processes run
}


class Package(NamedTuple):
    """A box of the picture: its name, what it is for, and the boxes whose modules it imports."""

    name: str
    purpose: str
    imports: tuple[str, ...]


def packages() -> list[Package]:
    """Read every package from its source. Imports for type checkers only do not count."""
    paths = dict(_modules())
    imports: dict[str, set[str]] = {}
    for name, path in paths.items():
        box = _box(name, paths)
        found = {_box(each, paths) for each in _imported(_parsed(path)) if _is_ours(each)}
        imports.setdefault(box, set()).update(found - {box})
    return [
        Package(box, _purpose(paths[box]), tuple(each for each in imports if each in imports[box]))
        for box in imports
    ]


def _modules() -> Iterator[tuple[str, Path]]:
    """Yield every module of ours, each package before its modules."""
    for top in TOP:
        for path in sorted((ROOT / top).rglob("*.py"), key=lambda path: path.with_suffix("").parts):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "template" not in parts:  # files of users' projects
                yield ".".join(each for each in parts if each != "__init__"), path


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in TOP


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


def _box(name: str, paths: Mapping[str, Path]) -> str:
    """Return the box of a module, or of a name that a module imports."""
    while name not in paths:
        name = name.rpartition(".")[0]
    package = name if paths[name].stem == "__init__" else name.rpartition(".")[0]
    return BOXES.get(name, BOXES.get(package, package))


def _purpose(path: Path) -> str:
    about = (ast.get_docstring(_parsed(path)) or "").partition("\n\n")[0]
    return " ".join(about.partition(". ")[0].split()).rstrip(".").replace("``", "")


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield what is imported in a module, in its functions too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            # A name may be that of a module: from simulator.engine import faults.
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        yield from _imported(child)


def architecture() -> str:
    """Draw the packages. An arrow means "imports"; an arrow that a longer way implies is left out."""
    found = packages()
    graph: networkx.DiGraph[str] = networkx.DiGraph(
        [(each.name, name) for each in found for name in each.imports]
    )
    arrows = [
        Arrow(source, target)
        for source, target in graph.edges
        if not any(
            networkx.has_path(graph, each, target) for each in graph[source] if each != target
        )
    ]
    boxes = [Box(each.name, tuple(textwrap.wrap(each.purpose, 30))) for each in found]
    return diagram_to_svg(Diagram("packages; an arrow means: imports", boxes, arrows))


# -- the life of one tuple ---------------------------------------------------------------------------------------


class Step(NamedTuple):
    """A place that a tuple passes: its name, what happens there, and where the code is: files, or a package."""

    name: str
    what: str
    paths: tuple[str, ...]


ENGINE: Final = "simulator/engine"
LIFE: Final = (
    Step("spout task", "asks for the next tuple", (f"{ENGINE}/spout_task.py",)),
    Step("transport", "carries bytes, or objects in process", ("simulator/transports",)),
    Step(
        "component",
        "runs next_tuple or process",
        ("streamparse/storm/spout.py", "streamparse/storm/bolt.py"),
    ),
    Step("codec", "reads a message", ("simulator/wire",)),
    Step(
        "grouping",
        "chooses the tasks that get a copy",
        (f"{ENGINE}/subscribers.py", "simulator/model/groupings.py"),
    ),
    Step(
        "router", "takes the effects of a wave in the order of its tasks", (f"{ENGINE}/routing.py",)
    ),
    Step(
        "tracker",
        "xors the edges of each tuple tree",
        (f"{ENGINE}/tracker.py", f"{ENGINE}/acker.py"),
    ),
    Step(
        "network",
        "faults and schedules strike here",
        (f"{ENGINE}/network.py", f"{ENGINE}/faults.py"),
    ),
    Step("trace", "prints an event", (f"{ENGINE}/events.py", f"{ENGINE}/trace.py")),
    Step(
        "event queue",
        "what is due, and when",
        (f"{ENGINE}/clock.py", f"{ENGINE}/timers.py"),
    ),
    Step("bolt task", "holds the copy until it is settled", (f"{ENGINE}/bolt_task.py",)),
    Step("spout is notified", "ack or fail, at its next turn", (f"{ENGINE}/spout_task.py",)),
)
WAYS: Final = (
    Arrow("spout task", "transport", ("next",)),
    Arrow("transport", "component", ("commands, tuples",)),
    Arrow("component", "codec", ("emit, ack, fail",)),
    Arrow("codec", "grouping", ("an emit",)),
    Arrow("codec", "router", ("an ack or a fail",)),
    Arrow("grouping", "router", ("an emit and its tasks",)),
    Arrow("router", "tracker", ("edges",)),
    Arrow("router", "network", ("copies",)),
    Arrow("router", "trace", ("events",)),
    Arrow("network", "event queue", ("late copies",)),
    Arrow("network", "bolt task", ("copies",)),
    Arrow("event queue", "bolt task", ("late copies, ticks",)),
    Arrow("event queue", "spout is notified", ("message timeout",)),
    Arrow("tracker", "spout is notified", ("the tree is complete, or has failed",)),
    Arrow("bolt task", "transport", ("a batch of tuples, and a heartbeat",)),
)


def life() -> str:
    """Draw the way of one tuple through the code."""
    missing = [path for step in LIFE for path in step.paths if not (ROOT / path).exists()]
    assert not missing, f"LIFE names paths that do not exist: {missing}"
    boxes = [
        Box(
            step.name,
            (*textwrap.wrap(step.what, 30), *step.paths),
            shape="round" if step.name == "component" else "square",
        )
        for step in LIFE
    ]
    return diagram_to_svg(Diagram("the life of one tuple", boxes, WAYS))


# -- the terminal ------------------------------------------------------------------------------------------------

COMMAND: Final = "sparse simulate"
FONT_SIZE, LINE_HEIGHT, MARGIN = 14, 20, 20


def terminal() -> str:
    """Draw a terminal with the command and what it prints in examples/wordcount."""
    done = subprocess.run(
        [sys.executable, "-m", "streamparse.cli.sparse", *COMMAND.split()[1:]],
        cwd=ROOT / "examples/wordcount",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # real time, which differs from run to run
        encoding="utf-8",
        check=True,
    )
    lines = [f"$ {COMMAND}", *done.stdout.rstrip().splitlines()]
    width = max(map(len, lines)) * FONT_SIZE * 0.6 + 2 * MARGIN
    height = len(lines) * LINE_HEIGHT + 2 * MARGIN
    words = (
        f'<text x="{MARGIN}" y="{MARGIN + LINE_HEIGHT * number + FONT_SIZE}" xml:space="preserve"'
        f' fill="{"#8ae28a" if not number else "#e6e6e6"}">{escape(line)}</text>'
        for number, line in enumerate(lines)
        if line
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}"'
        f' viewBox="0 0 {width:.0f} {height}" font-size="{FONT_SIZE}"'
        f' font-family="{FONT}">\n<title>{COMMAND}</title>\n'
        f'<rect width="100%" height="100%" rx="8" fill="#1e2430"/>\n'
        + "\n".join(words)
        + "\n</svg>\n"
    )


PICTURES: Final[Mapping[str, Callable[[], str]]] = {
    "architecture.svg": architecture,
    "life.svg": life,
    "simulate.svg": terminal,
}

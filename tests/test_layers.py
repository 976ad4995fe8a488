"""Who may import whom, as docs/architecture.md has it. Imports are read from the text; what a start loads is loaded."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

from tests.support.paths import ROOT, TESTS

OURS = ("streamparse", "simulator", "pytest_streamparse")
WORLD = {"os", "select", "signal", "socket", "subprocess", "tempfile", "threading", "time"}
HEAVY = {
    "edn_format",
    "fabric",
    "invoke",
    "msgspec",
    "networkx",
    "paramiko",
    "pytest",
    "simulator",
    "thriftpy2",
}


# Of the standard library, or nearly: what would double the time that a component or `sparse --help` takes to start.
SLOW = {
    "argparse",
    "dataclasses",
    "enum",
    "json",
    "logging",
    "pathlib",
    "re",
    "simplejson",
    "subprocess",
    "threading",
    "typing",
}

#: The packages of the simulator, and those that each may import: the levels of docs/architecture.md.
MAY_IMPORT: Mapping[str, set[str]] = {
    "simulator.wire": set(),
    "simulator.model": {"simulator.wire"},
    "simulator.clj": {"simulator.model", "simulator.wire"},
    "simulator.drawing": {"simulator.model"},
    "simulator.engine": {"simulator.model", "simulator.wire"},
    "simulator.stepping": {"simulator.engine", "simulator.model", "simulator.traces"},
    "simulator.traces": {"simulator.drawing", "simulator.engine", "simulator.model"},
    "simulator.transports": {"simulator.engine", "simulator.model", "simulator.wire"},
    "simulator.testing": {
        "simulator.engine",
        "simulator.load",
        "simulator.model",
        "simulator.traces",
        "simulator.transports",
    },
    "simulator.exploring": {
        "simulator.engine",
        "simulator.model",
        "simulator.testing",
        "simulator.transports",
    },
    "simulator.laws": {
        "simulator.engine",
        "simulator.exploring",
        "simulator.model",
        "simulator.testing",
    },
    "simulator.page": {
        "simulator.drawing",
        "simulator.engine",
        "simulator.model",
        "simulator.traces",
    },
    "simulator.run": {"simulator.engine", "simulator.model", "simulator.transports"},
    "simulator.load": {
        "simulator.engine",
        "simulator.model",
        "simulator.run",
        "simulator.transports",
    },
}


# -- reading --------------------------------------------------------------------------------------------------------


def _modules() -> dict[str, ast.Module]:
    """Every module of ours by its dotted name; a package's is that of its ``__init__.py``."""
    found = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "template" not in parts:  # other people's projects
                name = ".".join(part for part in parts if part != "__init__")
                found[name] = ast.parse(path.read_bytes(), str(path))
    return found


MODULES = _modules()
PACKAGES = {
    ".".join(path.parent.relative_to(ROOT).parts)
    for package in OURS
    for path in (ROOT / package).rglob("__init__.py")
    if "template" not in path.parts
}


def _nodes(node: ast.AST, *, types: bool) -> Iterator[ast.AST]:
    """Everything in a module; without ``types``, what is there for type checkers only is left out."""
    yield node
    for child in ast.iter_child_nodes(node):
        is_for_types = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if types or not is_for_types:
            yield from _nodes(child, types=types)


def _imports(tree: ast.AST, *, types: bool = False) -> set[tuple[str, str]]:
    """What a tree imports, in functions too, as (module, name); the name is "" for a module as a whole."""
    found = set()
    for node in _nodes(tree, types=types):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add((whole, "") if whole in MODULES else (node.module, alias.name))
    return found


def _imported(module: str, *, types: bool = False) -> set[str]:
    return {name for name, _ in _imports(MODULES[module], types=types)}


def _package(module: str) -> str:
    """The package that a module is in; of a package, itself."""
    return module if module in PACKAGES else module.rpartition(".")[0]


SIMULATOR = [module for module in MODULES if module.startswith("simulator")]


def _loaded(*modules: str) -> set[str]:
    """What is there after these have been imported, in a process of its own."""
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    # Without site: what an editable install, or a plugin of coverage, loads at every start is not ours.
    argv = [sys.executable, "-S", "-c", program]
    env = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


# -- structure ------------------------------------------------------------------------------------------------------


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = TopologicalSorter(
        {module: _imported(module) & MODULES.keys() - {module} for module in MODULES}
    )
    order.prepare()  # raises CycleError, with the circle


def test_the_packages_of_the_simulator_import_those_below_them_only() -> None:
    wrong = {
        (module, name)
        for module in SIMULATOR
        for name in _imported(module, types=True)
        if name.startswith("simulator")
        for home, there in [(_home(module), _home(name))]
        if home not in (there, "simulator") and there not in MAY_IMPORT[home]
    }
    assert wrong == set()


def _home(module: str) -> str:
    """The package of the simulator that a module is in; ``simulator.run`` and the whole stand for themselves."""
    return ".".join(module.split(".")[:2])


def test_other_packages_documents_and_benchmarks_come_in_by_the_door() -> None:
    sources = {module: tree for module, tree in MODULES.items() if module not in PACKAGES}
    for path in sorted((ROOT / "benchmarks").glob("*.py")):
        sources[f"benchmarks.{path.stem}"] = ast.parse(path.read_bytes())
    wrong = {
        (module, target, name)
        for module, tree in sources.items()
        for target, name in _imports(tree, types=True)
        if target in MODULES and _is_back_door(module, target, name)
    }
    assert wrong == set()


#: Packages that are made of modules with doors of their own: the documents of 2.1.3 import these.
OPEN = {"streamparse", "streamparse.storm", "streamparse.ext", "simulator"}


def _is_back_door(module: str, target: str, name: str) -> bool:
    package = _package(target)
    if _package(module) == package or package in OPEN:
        return False
    offered = import_module(package).__all__
    if target == package:
        return bool(name) and name not in offered
    return bool(name) or target.rpartition(".")[2] not in offered


def test_every_package_that_others_import_from_says_what_it_offers() -> None:
    empty = {"streamparse.ext"}  # its modules are what users import
    doors = [name for name in sorted(PACKAGES - empty) if name in MODULES]
    assert [name for name in doors if not hasattr(import_module(name), "__all__")] == []


def test_every_module_has_tests_of_its_own() -> None:
    without = {
        module
        for module in MODULES
        if module not in PACKAGES
        and not (
            TESTS / Path(*module.split(".")[:-1]) / f"test_{module.rpartition('.')[2]}.py"
        ).exists()
    }
    assert without - {
        # Only names that the documents of 2.1.3 import, looked at in streamparse/storm/test_component.py.
        "streamparse.bolt", "streamparse.component", "streamparse.spout",
    } == set()  # fmt: skip


def test_nothing_imports_a_command_or_the_plugin_but_what_users_files_import() -> None:
    ours = [module for module in MODULES if not module.startswith("streamparse.ext")]
    found = {(module, name) for module in ours for name in _imported(module)}
    assert {
        (module, name)
        for module, name in found
        if (name.startswith("streamparse.cli") and not module.startswith("streamparse.cli"))
        or (name.startswith("pytest_streamparse") and not module.startswith("pytest_streamparse"))
    } == set()


# -- what is loaded -------------------------------------------------------------------------------------------------


def test_a_component_process_loads_nothing_that_only_commands_and_tests_need() -> None:
    loaded = _loaded("streamparse", "streamparse.storm", "streamparse.run")
    assert {name.partition(".")[0] for name in loaded} & (HEAVY | SLOW) == set()
    assert {name for name in loaded if name.startswith("streamparse")} == {
        "streamparse", "streamparse.multilang", "streamparse.process", "streamparse.run", "streamparse.starting",
        "streamparse.storm",
        "streamparse.storm.bolt", "streamparse.storm.codec", "streamparse.storm.component", "streamparse.storm.spout",
    }  # fmt: skip


def test_help_is_there_before_anything_else_is_loaded() -> None:
    loaded = {name.partition(".")[0] for name in _loaded("streamparse.cli.sparse")}
    assert loaded & (HEAVY | SLOW) == set()


def test_the_plugin_is_loaded_by_every_pytest_run_and_so_loads_nothing_heavy() -> None:
    loaded = {name.partition(".")[0] for name in _loaded("pytest_streamparse.plugin")}
    assert loaded & {*HEAVY, "streamparse"} == {"pytest"}


# -- purity ---------------------------------------------------------------------------------------------------------


def test_the_simulator_knows_of_streamparse_the_protocol_and_how_a_component_starts() -> None:
    imported = {name for module in SIMULATOR for name in _imported(module, types=True)}
    assert {name for name in imported if name.partition(".")[0] == "streamparse"} == {
        "streamparse.multilang", "streamparse.starting",
    }  # fmt: skip


def test_only_transports_have_a_door_to_the_world() -> None:
    reaching = {module for module in SIMULATOR if _imported(module) & WORLD}
    assert {_home(module) for module in reaching} == {"simulator.transports"}


def test_random_numbers_are_handed_in() -> None:
    found = {
        (module, node.attr)
        for module in SIMULATOR
        if not module.startswith("simulator.transports")
        for node in _nodes(MODULES[module], types=False)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
    }
    assert {attr for _, attr in found} == {"Random"}

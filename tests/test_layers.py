"""Who may call on whom, as docs/design.md has it. Imports are read from the text; what a start loads is loaded."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator

from tests.support.paths import ROOT

PURE = {
    "engine.acker",
    "engine.chance",
    "engine.clock",
    "model.problems",
    "model.profiles",
    "wire.protocol",
}
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


def _modules() -> dict[str, ast.Module]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in ("streamparse", "simulator", "pytest_streamparse"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "template" not in parts:  # other people's projects
                name = ".".join(part for part in parts if part != "__init__")
                found[name] = ast.parse(path.read_bytes(), str(path))
    return found


MODULES = _modules()


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that can run: what is there for type checkers only is left out."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _nodes(child)


def _imports(module: str) -> set[str]:
    """The modules that a module imports, in functions too."""
    found = set()
    for node in _nodes(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & MODULES.keys() or {str(node.module)}
    return found


def _reach(module: str) -> set[str]:
    """The modules of ours that are there once this one is."""
    found, left = set(), {module}
    while left:
        found |= left
        left = {each for one in left for each in _imports(one)} & MODULES.keys() - found
    return found


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


SIMULATOR = [module for module in MODULES if module.startswith("simulator")]


def _loaded(*modules: str) -> set[str]:
    """What is there after these have been imported, in a process of its own."""
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    # Without site: what an editable install, or a plugin of coverage, loads at every start is not ours.
    argv = [sys.executable, "-S", "-c", program]
    env = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_component_process_loads_nothing_that_only_commands_and_tests_need() -> None:
    loaded = _loaded("streamparse", "streamparse.storm", "streamparse.run")
    assert {name.partition(".")[0] for name in loaded} & (HEAVY | SLOW) == set()
    assert {name for name in loaded if name.startswith("streamparse")} == {
        "streamparse", "streamparse.multilang", "streamparse.process", "streamparse.run", "streamparse.storm",
        "streamparse.storm.bolt", "streamparse.storm.codec", "streamparse.storm.component", "streamparse.storm.spout",
    }  # fmt: skip


def test_help_is_there_before_anything_else_is_loaded() -> None:
    loaded = {name.partition(".")[0] for name in _loaded("streamparse.cli.sparse")}
    assert loaded & (HEAVY | SLOW) == set()


def test_the_plugin_is_loaded_by_every_pytest_run_and_so_loads_nothing_heavy() -> None:
    loaded = {name.partition(".")[0] for name in _loaded("pytest_streamparse.plugin")}
    assert loaded & {*HEAVY, "streamparse"} == {"pytest"}


def test_the_simulator_knows_of_streamparse_the_protocol_and_nothing_else() -> None:
    imported = {name for module in SIMULATOR for name in _imports(module)}
    assert {name for name in imported if name.partition(".")[0] == "streamparse"} == {
        "streamparse.multilang"
    }


def test_nothing_imports_a_command_or_the_plugin_but_what_users_files_import() -> None:
    ours = [module for module in MODULES if not module.startswith("streamparse.ext")]
    found = {(module, name) for module in ours for name in _imports(module)}
    assert {
        (module, name)
        for module, name in found
        if (name.startswith("streamparse.cli") and not module.startswith("streamparse.cli"))
        or (name.startswith("pytest_streamparse") and not module.startswith("pytest_streamparse"))
    } == set()


def test_what_is_pure_needs_the_standard_library_and_its_own_kind() -> None:
    pure = {f"simulator.{name}" for name in PURE} | {"streamparse.multilang"}
    found = {(module, name) for module in pure for name in _imports(module) - pure}
    assert {(module, name) for module, name in found if not _is_standard(name)} == set()


def test_the_engine_reaches_neither_processes_nor_topology_files() -> None:
    reached = _reach("simulator.engine.simulation")
    assert "simulator.engine.bolt_task" in reached
    assert {
        name
        for name in reached
        if name.startswith(("simulator.transports", "simulator.clj", "simulator.run"))
    } == set()


def test_only_transports_and_the_parents_of_its_processes_have_a_door_to_the_world() -> None:
    assert {module for module in SIMULATOR if _imports(module) & WORLD} == {
        "simulator.transports.both",
        "simulator.transports.fork_server_client",
    }


def test_luck_is_handed_in() -> None:
    found = {
        (module, node.attr)
        for module in SIMULATOR
        for node in _nodes(MODULES[module])
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
    }
    assert {attr for module, attr in found if module != "simulator.transports.both"} == {"Random"}

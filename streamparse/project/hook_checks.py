"""The hooks of a project and what is wrong with their files, tasks.py and fabfile.py, read from their text."""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from streamparse.project.class_texts import Function
from streamparse.project.finding import Finding, Severity
from streamparse.project.import_checks import check_import
from streamparse.project.syntax import explain

__all__ = ["CONTEXTS", "HOOK_FILES", "HOOK_PARAMETERS", "HookFile", "read_hook_files"]

#: Invoke's file and fabric's, in the order in which their hooks are called.
HOOK_FILES: Final = ("tasks.py", "fabfile.py")
HOOKS: Final = ("pre_submit", "post_submit")
#: What a hook is called with.
HOOK_PARAMETERS: Final = "(topology_name, env_name, env_config)"

#: The usual names of a task's first parameter.
CONTEXTS: Final = frozenset({"c", "cnx", "conn", "connection", "context", "ctx"})

_FABRIC_1 = {
    *("api", "colors", "context_managers", "contrib", "decorators", "network", "operations", "state", "utils")
}  # fmt: skip
_FABRIC_REMEDY = "from fabric import Connection, task"


@dataclass(frozen=True)
class HookFile:
    """A file of hooks that is there.

    Attributes:
        name: ``tasks.py`` or ``fabfile.py``.
        hooks: which of ``pre_submit`` and ``post_submit`` it has; both, with ``from module import *`` of the user.
        findings: its mistakes.
    """

    name: str
    hooks: frozenset[str]
    findings: tuple[Finding, ...]


def read_hook_files(directory: Path) -> list[HookFile]:
    """Return the files of hooks in a project's directory. Nothing of them is run."""
    return [_read(directory / name, name) for name in HOOK_FILES if (directory / name).is_file()]


def _read(path: Path, name: str) -> HookFile:
    try:
        source = path.read_bytes()
    except OSError as error:
        finding = Finding("error", str(path), 0, f"cannot be read: {error.strerror}")
        return HookFile(name, frozenset(), (finding,))
    try:
        tree = ast.parse(source, str(path))
    except (SyntaxError, ValueError) as error:
        line, found, remedy = explain(error, source)
        findings = [
            Finding("error", str(path), line, found, remedy=remedy),
            *_imports(_lines_of_imports(source), path),  # so that nobody mends it twice
        ]
        return _hook_file(name, frozenset(), findings)
    hooks = frozenset(HOOKS) & {*_names(tree)}
    return _hook_file(
        name, hooks, [*_imports(tree, path), *_functions(tree, path), *_misspelt(tree, path)]
    )


def _hook_file(name: str, hooks: frozenset[str], findings: Iterable[Finding]) -> HookFile:
    return HookFile(name, hooks, tuple(sorted(findings, key=lambda each: each.line)))


def _lines_of_imports(source: bytes) -> ast.Module:
    """The imports of a text that is no Python, as far as each is a line of its own."""
    found = ast.Module([], [])
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines()):
        if line.startswith(("import ", "from ")):
            with contextlib.suppress(SyntaxError, ValueError):
                found.body += ast.increment_lineno(ast.parse(line), number).body
    return found


def _names(tree: ast.Module) -> Iterator[str]:
    """The names that the module has once it is loaded, as far as the text tells."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            whole = isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(
                ("streamparse", "fabric", "invoke")
            )
            for alias in node.names:
                yield from HOOKS if alias.name == "*" and whole else (alias.asname or alias.name,)


# -- imports ----------------------------------------------------------------------------------------------------


def _imports(tree: ast.Module, path: Path) -> Iterator[Finding]:
    """Only those that are always done: an import in a function or a ``try`` may be meant for another version."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            # Of a package, a name may be a module.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for found, remedy in dict.fromkeys(filter(None, map(_known, names))):
            yield Finding("error", str(path), node.lineno, found, remedy=remedy)
        if any(name.startswith("streamparse.ext") for name in names):
            names.append("invoke")  # which it imports
        for name in dict.fromkeys(name.partition(".")[0] for name in names):
            finding = check_import(
                name, path.parent, f"install it beside sparse, or do without {name}"
            )
            if finding is not None:
                yield replace(finding, path=str(path), line=node.lineno)


def _known(name: str) -> tuple[str, str] | None:
    """What is wrong with a module, or a name of one, that older versions had; and the remedy."""
    package, _, rest = name.partition(".")
    module = rest.partition(".")[0]
    if package == "fabric" and module in _FABRIC_1:
        return f"fabric.{module} is of fabric 1", f"in fabric 2 and later: {_FABRIC_REMEDY}"
    if name == "invoke.ctask":
        return "invoke has no ctask any more", "write task: the first parameter is the context"
    return None


# -- hooks and tasks --------------------------------------------------------------------------------------------


def _functions(tree: ast.Module, path: Path) -> Iterator[Finding]:
    decorators = {*_decorators(tree)}
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        called = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
        is_task = bool(decorators & {*map(ast.unparse, called)})
        findings = [*_task(node, path)] if is_task else []
        if not findings and node.name in HOOKS and (is_task or not called):
            findings += _hook(node, path, is_task=is_task)
        yield from findings


def _misspelt(tree: ast.Module, path: Path) -> Iterator[Finding]:
    """Look for functions whose names are nearly those of hooks: nobody calls them."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list:
            for hook in HOOKS:
                if node.name != hook and node.name.replace("_", "").lower() == hook.replace(
                    "_", ""
                ):
                    found = f"{node.name} is no hook, so sparse submit does not call it"
                    yield Finding(
                        "warning", str(path), node.lineno, found, remedy=f"call it {hook}"
                    )


def _hook(node: Function, path: Path, *, is_task: bool) -> Iterator[Finding]:
    """As a submit calls it: with a context in front where a task has a parameter for it."""
    signature = _signature(node)
    names = {*signature.parameters}
    in_front = [None] if is_task and names & CONTEXTS else []
    more = {"options": None} if "options" in names else {}
    try:
        signature.bind(*in_front, None, None, None, **more)
    except TypeError as error:
        found = f"{node.name}({ast.unparse(node.args)}) cannot be called: {error}"
        expected = f"{node.name}{HOOK_PARAMETERS}"
        yield Finding("error", str(path), node.lineno, found, expected)


def _signature(node: Function) -> inspect.Signature:
    args, kinds = node.args, inspect.Parameter
    positional = [*args.posonlyargs, *args.args]
    needed = len(positional) - len(args.defaults)
    found = [
        kinds(
            each.arg,
            kinds.POSITIONAL_ONLY if at < len(args.posonlyargs) else kinds.POSITIONAL_OR_KEYWORD,
            default=kinds.empty if at < needed else None,
        )
        for at, each in enumerate(positional)
    ]
    if args.vararg:
        found.append(kinds(args.vararg.arg, kinds.VAR_POSITIONAL))
    for each, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        given = kinds.empty if default is None else None
        found.append(kinds(each.arg, kinds.KEYWORD_ONLY, default=given))
    if args.kwarg:
        found.append(kinds(args.kwarg.arg, kinds.VAR_KEYWORD))
    return inspect.Signature(found)


def _task(node: Function, path: Path) -> Iterator[Finding]:
    first = next((each.arg for each in (*node.args.posonlyargs, *node.args.args)), None)
    if first is None and node.args.vararg is None:
        yield _lacks_context("error", node, path, "a task has a context as its first parameter")
    elif first not in (*CONTEXTS, "_", "self", None) and node.name not in HOOKS:
        found = f"the parameter {first} of this task is given the context"
        yield _lacks_context("warning", node, path, found)


def _decorators(tree: ast.Module) -> Iterator[str]:
    """The texts that stand for invoke's or fabric's ``task``."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in (
            "fabric",
            "invoke",
            "fabric.tasks",
            "invoke.tasks",
        ):
            yield from (each.asname or each.name for each in node.names if each.name == "task")
        elif isinstance(node, ast.Import):
            for each in node.names:
                if each.name in ("fabric", "invoke"):
                    yield f"{each.asname or each.name}.task"


def _lacks_context(severity: Severity, node: Function, path: Path, found: str) -> Finding:
    parameters = ast.unparse(node.args)
    with_context = f"def {node.name}({', '.join(filter(None, ('c', parameters)))})"
    return Finding(
        severity, str(path), node.lineno,
        f"def {node.name}({parameters}): {found}, since invoke 1 and fabric 2",
        remedy=f"write {with_context}",
    )  # fmt: skip

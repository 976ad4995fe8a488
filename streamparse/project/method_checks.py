"""What is wrong with a method by itself: its body never runs, its rows go nowhere, or it asks a list for names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from streamparse.project.class_texts import Function
from streamparse.project.finding import Finding

#: The methods that Storm's messages lead to; what they return is not looked at.
METHODS = (
    "initialize", "process", "process_tick", "process_batch", "next_tuple", "ack", "fail", "activate", "deactivate",
)  # fmt: skip
_EMIT_ROWS = "self.emit(row) for each row"
_EMITTING = ("process", "process_tick", "process_batch", "next_tuple")


def check_method(path: str, cls: str, function: Function) -> Iterator[Finding]:
    """Yield a warning for a method whose body never runs, or whose rows go nowhere."""
    name = f"{cls}.{function.name}"
    if how := suspends(function):
        what = f"{name} is {how}, so a call runs nothing of it, and emits nothing"
        emits = f" with {_EMIT_ROWS}" if function.name in _EMITTING else ""
        yield Finding("warning", path, function.lineno, what, f"a plain method{emits}")
    elif function.name in _EMITTING and (line := _returned_rows(function)):
        yield Finding("warning", path, line, f"{name} returns rows, which go nowhere", _EMIT_ROWS)


def check_values(path: str, cls: str, function: Function) -> Iterator[Finding]:
    """Look for a value that is asked for by the name of its field, which streamparse 3 to 5 allow."""
    names = {each.arg for each in function.args.args[1:]}
    names |= {
        each.target.id
        for each in ast.walk(function)
        if isinstance(each, (ast.For, ast.comprehension))
        and isinstance(each.target, ast.Name)
        and isinstance(each.iter, ast.Name)
        and each.iter.id in names
    }
    for node in ast.walk(function):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
            continue
        values, tup = node.value, node.value.value
        if values.attr != "values" or not isinstance(tup, ast.Name) or tup.id not in names:
            continue
        if not hasattr(list, node.attr):
            text = f"{tup.id}.values"
            yield Finding("warning", path, node.lineno,
                          f"{cls}.{function.name}: {text}.{node.attr}, and {text} is a list",
                          f"{text}[0], or names for all values: a, b = {text}", is_about_names=True)  # fmt: skip


def suspends(function: Function) -> str:
    """Return why a call of a function does not run its body; "" where it does."""
    if isinstance(function, ast.AsyncFunctionDef):
        return "async"
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in _own_nodes(function)):
        return "a generator (it has a yield)"
    return ""


def _returned_rows(function: Function) -> int:
    """Return the line at which a method that never emits returns a list or the like; 0 where it does not."""
    if any(isinstance(each, ast.Attribute) and "emit" in each.attr for each in ast.walk(function)):
        return 0
    rows = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp)
    returned = (each for each in _own_nodes(function) if isinstance(each, ast.Return))
    kept = {
        target.id
        for each in _own_nodes(function)
        if isinstance(each, ast.Assign) and isinstance(each.value, rows)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    return next(
        (
            each.lineno
            for each in returned
            if isinstance(each.value, rows)
            or (isinstance(each.value, ast.Name) and each.value.id in kept)
        ),
        0,
    )


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's own body, without those of functions and classes inside it."""
    left: list[ast.AST] = list(function.body)
    inside = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    while left:
        node = left.pop(0)
        yield node
        if not isinstance(node, inside):
            left += ast.iter_child_nodes(node)

"""What is wrong with the emits of a component: values that are no list, or that do not fit the declared streams."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamparse.project.class_texts import Class, Function, Kind, Sources
from streamparse.project.finding import Finding, shown_path


def check_emits(path: str, cls: str, function: Function) -> Iterator[Finding]:
    """Look for an emit of a single text or number, which is no list of values."""
    for call in _own_emits(function):
        given = call.args[0] if call.args else None
        if isinstance(given, ast.Constant | ast.JoinedStr):
            shown = ast.unparse(given)[:40]
            found = f"{cls}.{function.name} emits {shown}"
            yield Finding("error", path, call.lineno, found, f"a list of values, such as [{shown}]")


def check_outputs(
    name: str, kind: Kind, declared: Mapping[str, int], source_dir: Path
) -> list[Finding]:
    """Return a warning for each emit of a class that does not fit its streams, as far as the text tells.

    Args:
        name: of the class, dotted.
        kind: of the component.
        declared: the number of fields of each stream.
        source_dir: of the project.
    """
    sources = Sources(source_dir)
    module_name, _, attribute = name.rpartition(".")
    meaning = sources.find(module_name, attribute)
    if not isinstance(meaning, Class):
        return []
    found = []
    for owner, function in sources.family(module_name, meaning).methods.values():
        for call in _own_emits(function):
            stream, width = _stream_of(call, kind), _width_of(call)
            if stream is not None and stream not in declared:
                known = ", ".join(declared) or "none"
                wrong = f"emits on stream {stream}, which the topology file does not declare; expected {known}"
            elif stream is not None and width is not None and width != declared[stream]:
                wrong = f"emits {width} values on stream {stream}; expected {declared[stream]}, as in the topology file"
            else:
                continue
            what = f"{owner.node.name}.{function.name} {wrong}"
            found.append(Finding("warning", shown_path(owner.module.path), call.lineno, what))
    return found


def _own_emits(function: Function) -> Iterator[ast.Call]:
    """Yield the calls of ``self.emit``."""
    for node in ast.walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and ast.unparse(called) == "self.emit":
            assert isinstance(node, ast.Call)
            yield node


def _stream_of(call: ast.Call, kind: Kind) -> str | None:
    """The stream that an emit names, by default ``default``; None where the text does not tell."""
    at = 1 if kind == "bolt" else 2
    given = [each.value for each in call.keywords if each.arg == "stream"] + call.args[at : at + 1]
    if any(each.arg is None for each in call.keywords) or any(
        isinstance(each, ast.Starred) for each in call.args
    ):
        return None
    if not given:
        return "default"
    value = given[0].value if isinstance(given[0], ast.Constant) else 0
    return "default" if value is None else value if isinstance(value, str) else None


def _width_of(call: ast.Call) -> int | None:
    """The number of values of an emit; None where the text does not tell."""
    values = next((each.value for each in call.keywords if each.arg == "tup"), None)
    values = call.args[0] if call.args else values
    if not isinstance(values, ast.List | ast.Tuple) or any(
        isinstance(each, ast.Starred) for each in values.elts
    ):
        return None
    return len(values.elts)

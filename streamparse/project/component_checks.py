"""What is wrong with the components of a project, read from the text of their modules: nothing of the user's is run.

``check_components`` follows each class to its module in ``src/``, to the modules that it imports, and to its base
classes. ``check_names`` looks for modules that hide those of the standard library. Every mistake is a ``Finding``, for
whoever shows it: a command, a test, a report.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from streamparse.project.attribute_checks import ClassText, check_attributes
from streamparse.project.batching_checks import check_gathering
from streamparse.project.class_texts import Class, Family, Function, Kind, Module, Sources
from streamparse.project.emit_checks import check_emits
from streamparse.project.finding import Finding, shown_path
from streamparse.project.import_checks import check_imported_names
from streamparse.project.method_checks import METHODS, check_method, check_values, suspends
from streamparse.project.words import did_you_mean
from streamparse.starting import NEEDED

#: The packages that the process of a component imports.
_OWN = frozenset({"streamparse", "simplejson"})

#: How the library calls the methods that a component may have.
SIGNATURES = {
    name: f"def {name}({arguments})"
    for name, arguments in (
        ("initialize", "self, conf, context"),
        ("process", "self, tup"),
        ("process_tick", "self, tup"),
        ("process_batch", "self, key, tups"),
        ("group_key", "self, tup"),
        ("next_tuple", "self"),
        ("activate", "self"),
        ("deactivate", "self"),
        ("ack", "self, tup_id"),
        ("fail", "self, tup_id"),
    )
}
_NEEDED_METHOD = {
    "Bolt": "process",
    "BatchingBolt": "process_batch",
    "TicklessBatchingBolt": "process_batch",
    "Spout": "next_tuple",
    "ReliableSpout": "next_tuple",
}


# -- names of modules -------------------------------------------------------------------------------------------


def check_names(source_dir: Path, *, in_process: bool = False) -> list[Finding]:
    """Return the modules of the sources that hide a module of the standard library, or a package of ours.

    Args:
        source_dir: of the project; it is first on ``sys.path``.
        in_process: components share this process, in which much of the standard library is loaded already.
    """
    found = []
    for path in _modules_of(source_dir):
        name = path.stem
        if name in _OWN:
            what = f"hides the package {name}, which every component needs"
            found.append(Finding("error", shown_path(path), 0, what, remedy="give it another name"))
        if name not in sys.stdlib_module_names:
            continue
        remedy = "give it another name"
        if name in NEEDED or name in sys.builtin_module_names:
            what = f"hides the module {name} of the standard library, which every component needs"
        elif in_process and name in sys.modules:
            what = f"hides the module {name} of the standard library, which this process has loaded"
            remedy += ", or run the components as processes"
        else:
            what = f"hides the module {name} of the standard library from all that import it"
            found.append(Finding("warning", shown_path(path), 0, what, remedy=remedy))
            continue
        found.append(Finding("error", shown_path(path), 0, what, remedy=remedy))
    return found


def _modules_of(directory: Path) -> list[Path]:
    try:
        entries = sorted(directory.iterdir())
    except OSError:
        return []
    return [each for each in entries if each.suffix == ".py" or (each / "__init__.py").is_file()]


# -- classes ----------------------------------------------------------------------------------------------------


def check_components(
    components: Mapping[str, tuple[str, Kind]], source_dir: Path, *, values_are_named: bool = False
) -> list[Finding]:
    """Return the mistakes in components that are classes, or functions that make one.

    A module or a class that does not exist is none of them (see ``find_class``).

    Args:
        components: by component id the dotted name and the kind that the topology has it as.
        source_dir: of the project.
        values_are_named: the values of a tuple have the names of their fields, as in a topology in Python.
    """
    sources = Sources(source_dir)
    found: list[Finding] = []
    for component, (name, kind) in components.items():
        module_name, _, attribute = name.rpartition(".")
        modules = sources.reached(module_name)
        broken = [each for each in modules if each.mistake is not None]
        found += [_no_python(each) for each in broken]
        found += [each for module in modules for each in check_imported_names(sources, module)]
        if not broken:
            about = _check(sources, module_name, attribute, kind)
            about = (each for each in about if not (values_are_named and each.is_about_names))
            found += [replace(each, component=component) for each in about]
    return list(dict.fromkeys(found))


def _no_python(module: Module) -> Finding:
    mistake = module.mistake
    assert mistake is not None
    return Finding(
        "error", shown_path(module.path), mistake.line, mistake.found, remedy=mistake.remedy
    )


def _check(sources: Sources, module_name: str, attribute: str, kind: Kind) -> Iterator[Finding]:
    meaning = sources.find(module_name, attribute)
    module = sources.module(module_name)
    if meaning is None or module is None:
        return
    if isinstance(meaning, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from _check_factory(module, meaning)
        return
    family = sources.family(module_name, meaning)
    if isinstance(meaning, str):
        return
    yield from _check_family(meaning, family, kind)


def _check_family(cls: Class, family: Family, kind: Kind) -> Iterator[Finding]:
    path, node = shown_path(cls.module.path), cls.node
    base = kind.capitalize()
    if family.kind is None and family.is_known:
        yield Finding("error", path, node.lineno, f"{node.name} derives from neither Bolt nor Spout",
                      f"class {node.name}({base})")  # fmt: skip
        return
    if family.kind and family.kind != kind:
        what = f"{node.name} is a {family.kind}, but the topology has it as a {kind}"
        yield Finding("error", path, node.lineno, what, f"a class that derives from {base}")
    defined = family.methods
    if "__init__" in defined:
        owner, init = defined.pop("__init__")
        yield from _check_constructor(owner, init)
    if family.kind == kind and family.is_known:
        yield from _check_needed(cls, family, defined)
    if family.kind == kind:
        yield from check_gathering(family)
    for name, (owner, function) in defined.items():
        place = (shown_path(owner.module.path), owner.node.name, function)
        yield from check_emits(*place)
        if name in SIGNATURES:
            yield from _check_signature(owner, function)
            yield from check_values(*place)
        if name in METHODS:
            yield from check_method(*place)
    if family.kind == kind:
        texts = [ClassText(shown_path(each.module.path), 1, each.node) for each in family.classes]
        yield from check_attributes(texts, family.library, is_known=family.is_known)


def _check_needed(cls: Class, family: Family, defined: Collection[str]) -> Iterator[Finding]:
    """Look for a misspelt name of the method that a component of this kind needs."""
    needed = next((_NEEDED_METHOD[each] for each in family.library if each in _NEEDED_METHOD), None)
    assigned = {
        target.id
        for each in family.classes
        for child in each.node.body
        if isinstance(child, ast.Assign)
        for target in child.targets
        if isinstance(target, ast.Name)
    }
    instead = {needed, "process", "_run", "run", "__getattr__"}
    if needed is None or instead & {*defined, *assigned}:
        return
    near = did_you_mean(needed, defined).removeprefix("did you mean ").rstrip("?")
    if near:  # a class without any may have another way
        found = f"{cls.node.name} has no method {needed}"
        yield Finding("error", shown_path(cls.module.path), cls.node.lineno, found,
                      SIGNATURES[needed], f"rename {near}")  # fmt: skip


def _check_signature(owner: Class, function: Function) -> Iterator[Finding]:
    """Look at the arguments of a method that the library calls."""
    if function.decorator_list:
        return
    expected = SIGNATURES[function.name]
    given = expected.count(",") + 1
    most = len([*function.args.posonlyargs, *function.args.args])
    if len(_needed(function)) > given or (most < given and function.args.vararg is None):
        what = f"def {function.name}({ast.unparse(function.args)})"
        yield Finding("error", shown_path(owner.module.path), function.lineno,
                      f"{owner.node.name}: {what}", expected)  # fmt: skip


def _check_constructor(owner: Class, init: Function) -> Iterator[Finding]:
    if init.decorator_list:
        return
    path, name = shown_path(owner.module.path), owner.node.name
    calls = (each for each in ast.walk(init) if isinstance(each, ast.Call))
    if not any(isinstance(each.func, ast.Attribute) and each.func.attr == "__init__" for each in calls):  # fmt: skip
        yield Finding("error", path, init.lineno, f"{name}.__init__ does not call super().__init__()",
                      "it as the first statement", "or put this code into initialize")  # fmt: skip
    if needed := _needed(init)[1:]:
        yield Finding("error", path, init.lineno, f"{name}.__init__ needs {', '.join(needed)}",
                      f"that {name}() needs no arguments")  # fmt: skip


def _check_factory(module: Module, function: Function) -> Iterator[Finding]:
    if function.decorator_list:
        return
    path, name = shown_path(module.path), function.name
    if needed := _needed(function):
        yield Finding("error", path, function.lineno, f"{name} needs {', '.join(needed)}",
                      f"that {name}() needs no arguments, and returns a Bolt or a Spout")  # fmt: skip
    if suspends(function):
        yield Finding("error", path, function.lineno, f"{name} is {suspends(function)}",
                      "a plain function that returns a Bolt or a Spout")  # fmt: skip


def _needed(function: Function) -> list[str]:
    """The names of the arguments that a call has to give."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = positional[: len(positional) - len(arguments.defaults)]
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [each.arg for each in (*without, *(arg for arg, value in keywords if value is None))]

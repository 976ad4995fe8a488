"""What is wrong with the components of a project, read from the text of their modules: nothing of the user's is run.

``check_components`` follows each class to its module in ``src/``, to the modules that it imports, and to its base
classes. ``check_names`` looks for modules that hide those of the standard library. Every mistake is a ``Finding``, for
whoever shows it: a command, a test, a report.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from streamparse.project.syntax import SyntaxFinding, explain
from streamparse.project.words import did_you_mean
from streamparse.starting import NEEDED

Kind = Literal["spout", "bolt"]
Severity = Literal["error", "warning"]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        severity: "error": the component cannot run; "warning": it runs, and hardly as it was meant.
        path: the file.
        line: from 1; 0 for the file as a whole.
        found, expected, remedy: what is there, what should be, and how to get there; the last two may be empty.
        component: the id of the component that it belongs to; None where it belongs to a file.
    """

    severity: Severity
    path: str
    line: int
    found: str
    expected: str = ""
    remedy: str = ""
    component: str | None = None

    @property
    def about(self) -> str:
        """All but the place."""
        expected = f"; expected {self.expected}" if self.expected else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.found}{expected}{remedy}"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.about}"


# -- names of modules -------------------------------------------------------------------------------------------


def check_names(source_dir: Path, *, in_process: bool = False) -> list[Finding]:
    """Return the modules of the sources that hide a module of the standard library.

    Args:
        source_dir: of the project; it is first on ``sys.path``.
        in_process: components share this process, in which much of the standard library is loaded already.
    """
    found = []
    for path in _modules_of(source_dir):
        name = path.stem
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
            found.append(Finding("warning", _shown(path), 0, what, remedy=remedy))
            continue
        found.append(Finding("error", _shown(path), 0, what, remedy=remedy))
    return found


def _modules_of(directory: Path) -> list[Path]:
    try:
        entries = sorted(directory.iterdir())
    except OSError:
        return []
    return [each for each in entries if each.suffix == ".py" or (each / "__init__.py").is_file()]


def _shown(path: Path) -> str:
    """The path as it is seen from the working directory, if that is above it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


# -- modules ----------------------------------------------------------------------------------------------------


class _Import(NamedTuple):
    """A name that a module has from another: the module, and the name there; "" for the module itself."""

    module: str
    name: str


_Bound = ast.ClassDef | Function | ast.expr | _Import


@dataclass(frozen=True)
class _Module:
    """A module of the sources.

    Attributes:
        path: of its file.
        bound: what its names stand for, as far as the text tells.
        imported: the modules that it always imports.
        mistake: why it is no Python.
    """

    path: Path
    bound: Mapping[str, _Bound]
    imported: Sequence[str]
    mistake: SyntaxFinding | None = None


@lru_cache(maxsize=512)
def _parsed(path: Path, name: str, stamp: tuple[int, int]) -> _Module:
    source = path.read_bytes()
    try:
        tree = ast.parse(source, str(path))
    except (SyntaxError, ValueError) as error:
        return _Module(path, {}, (), explain(error, source))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return _Module(path, dict(_bound(tree.body, package)), tuple(_imported(tree.body, package)))


def _from(node: ast.ImportFrom, package: str) -> str:
    """The module that ``from ... import`` names, seen from a module of this package."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = ".".join(parts[: len(parts) - node.level + 1])
    return f"{above}.{node.module}" if node.module else above


def _bound(body: Iterable[ast.stmt], package: str) -> Iterator[tuple[str, _Bound]]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, _Import(whole, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, _Import(_from(node, package), alias.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _bound([*node.body, *node.orelse], package)


def _imported(body: Iterable[ast.stmt], package: str) -> Iterator[str]:
    """Yield the modules that the statements import in any case, and may be names of a module instead."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _from(node, package)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


# -- classes ----------------------------------------------------------------------------------------------------

MOST_DEPTH = 20  # of names that stand for names, and of base classes
_LIBRARY = {
    "Bolt": "bolt",
    "BatchingBolt": "bolt",
    "TicklessBatchingBolt": "bolt",
    "Spout": "spout",
    "Component": "",
}


@dataclass(frozen=True)
class _Class:
    """A class of the sources, and the module that it is in."""

    module: _Module
    node: ast.ClassDef


@dataclass(frozen=True)
class _Family:
    """A class with its base classes.

    Attributes:
        classes: of the sources, each before its bases.
        kind: "spout" or "bolt", "" for another component; None where the text does not tell.
        is_known: whether the text tells all base classes.
        library: the classes of the library among them.
    """

    classes: Sequence[_Class]
    kind: str | None
    is_known: bool
    library: Sequence[str] = ()


class Sources:
    """The modules in a directory of sources, as text.

    Args:
        directory: that of the sources, ``src/``.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def module(self, name: str) -> _Module | None:
        """Return a module of the sources; None for any other."""
        base = self._directory.joinpath(*name.split("."))
        for path in (base / "__init__.py", base.with_name(f"{base.name}.py")) if name else ():
            try:
                status = path.stat()
                return _parsed(path, name, (status.st_mtime_ns, status.st_size))
            except OSError:
                continue
        return None

    def reached(self, name: str) -> list[_Module]:
        """Return a module, and all modules of the sources that its import always imports."""
        found: dict[str, _Module | None] = {}
        left = [name]
        while left:
            each = left.pop()
            if each in found:
                continue
            module = found[each] = self.module(each)
            parent = each.rpartition(".")[0]
            left += [parent] if parent else []
            left += module.imported if module else ()
        return [module for module in found.values() if module is not None]

    def find(self, module_name: str, name: str, depth: int = 0) -> _Class | Function | str | None:
        """Return what a name in a module stands for: a class, a function, or a class of the library by its name."""
        if module_name.partition(".")[0] == "streamparse":
            return name if name in _LIBRARY else None
        module = self.module(module_name)
        bound = module.bound.get(name) if module else None
        if module is None or bound is None or depth > MOST_DEPTH:
            return None
        if isinstance(bound, ast.ClassDef):
            return _Class(module, bound)
        if isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return bound
        return self._meaning(module_name, module, bound, depth + 1)

    def _meaning(
        self, module_name: str, module: _Module, value: ast.expr | _Import, depth: int
    ) -> _Class | Function | str | None:
        if isinstance(value, _Import):
            return self.find(value.module, value.name, depth) if value.name else None
        if isinstance(value, ast.Name):
            return self.find(module_name, value.id, depth)
        if isinstance(value, ast.Attribute):
            dotted = ast.unparse(value.value)
            first, _, rest = dotted.partition(".")
            bound = module.bound.get(first)
            if isinstance(bound, _Import):
                whole = f"{bound.module}.{bound.name}".rstrip(".")
                return self.find(f"{whole}.{rest}".rstrip("."), value.attr, depth)
        return None

    def family(self, module_name: str, found: _Class | str, depth: int = 0) -> _Family:
        """Return a class with its base classes."""
        if depth > MOST_DEPTH:  # a class among its own bases
            return _Family((), None, False)
        if isinstance(found, str):
            return _Family((), _LIBRARY[found], True, (found,))
        classes, kinds, is_known = [found], list[str](), not found.node.keywords
        library: list[str] = []
        for base in found.node.bases:
            if isinstance(base, ast.Name) and base.id == "object":
                continue
            owner = self._name_of(found.module) or module_name
            meaning = self._meaning(owner, found.module, base, 1)
            if meaning is None or isinstance(meaning, (ast.FunctionDef, ast.AsyncFunctionDef)):
                is_known = False
                continue
            above = self.family(owner, meaning, depth + 1)
            classes += above.classes
            library += above.library
            kinds += [] if above.kind is None else [above.kind]
            is_known = is_known and above.is_known
        kind = next((each for each in kinds if each), kinds[0] if kinds else None)
        return _Family(classes, kind, is_known, library)

    def _name_of(self, module: _Module) -> str:
        relative = module.path.relative_to(self._directory).with_suffix("")
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        return ".".join(parts)


def check_components(components: Mapping[str, tuple[str, Kind]], source_dir: Path) -> list[Finding]:
    """Return the mistakes in components that are classes, or functions that make one.

    A module or a class that does not exist is none of them (see ``find_class``).

    Args:
        components: by component id the dotted name and the kind that the topology has it as.
        source_dir: of the project.
    """
    sources = Sources(source_dir)
    found: list[Finding] = []
    for component, (name, kind) in components.items():
        module_name, _, attribute = name.rpartition(".")
        modules = sources.reached(module_name)
        broken = [each for each in modules if each.mistake is not None]
        found += [_no_python(each) for each in broken]
        if not broken:
            about = _check(sources, module_name, attribute, kind)
            found += [replace(each, component=component) for each in about]
    return list(dict.fromkeys(found))


def _no_python(module: _Module) -> Finding:
    mistake = module.mistake
    assert mistake is not None
    return Finding("error", _shown(module.path), mistake.line, mistake.found, remedy=mistake.remedy)


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


def _check_family(cls: _Class, family: _Family, kind: Kind) -> Iterator[Finding]:
    path, node = _shown(cls.module.path), cls.node
    base = kind.capitalize()
    if family.kind is None and family.is_known:
        yield Finding("error", path, node.lineno, f"{node.name} derives from neither Bolt nor Spout",
                      f"class {node.name}({base})")  # fmt: skip
        return
    if family.kind and family.kind != kind:
        what = f"{node.name} is a {family.kind}, but the topology has it as a {kind}"
        yield Finding("error", path, node.lineno, what, f"a class that derives from {base}")
    defined: dict[str, tuple[_Class, Function]] = {}
    for each in family.classes:
        for child in each.node.body:
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                defined.setdefault(child.name, (each, child))
    if "__init__" in defined:
        owner, init = defined.pop("__init__")
        yield from _check_constructor(owner, init)
    if family.kind == kind and family.is_known:
        yield from _check_needed(cls, family, [*defined])
    for name, (owner, function) in defined.items():
        if name in SIGNATURES:
            yield from _check_signature(owner, function)
        if name in METHODS:
            yield from check_method(_shown(owner.module.path), owner.node.name, function)


def _check_needed(cls: _Class, family: _Family, defined: Sequence[str]) -> Iterator[Finding]:
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
        yield Finding("error", _shown(cls.module.path), cls.node.lineno, found,
                      SIGNATURES[needed], f"rename {near}")  # fmt: skip


def _check_signature(owner: _Class, function: Function) -> Iterator[Finding]:
    """Look at the arguments of a method that the library calls."""
    if function.decorator_list:
        return
    expected = SIGNATURES[function.name]
    given = expected.count(",") + 1
    most = len([*function.args.posonlyargs, *function.args.args])
    if len(_needed(function)) > given or (most < given and function.args.vararg is None):
        what = f"def {function.name}({ast.unparse(function.args)})"
        yield Finding("error", _shown(owner.module.path), function.lineno,
                      f"{owner.node.name}: {what}", expected)  # fmt: skip


def _check_constructor(owner: _Class, init: Function) -> Iterator[Finding]:
    if init.decorator_list:
        return
    path, name = _shown(owner.module.path), owner.node.name
    calls = (each for each in ast.walk(init) if isinstance(each, ast.Call))
    if not any(isinstance(each.func, ast.Attribute) and each.func.attr == "__init__" for each in calls):  # fmt: skip
        yield Finding("error", path, init.lineno, f"{name}.__init__ does not call super().__init__()",
                      "it as the first statement", "or put this code into initialize")  # fmt: skip
    if needed := _needed(init)[1:]:
        yield Finding("error", path, init.lineno, f"{name}.__init__ needs {', '.join(needed)}",
                      f"that {name}() needs no arguments")  # fmt: skip


def _check_factory(module: _Module, function: Function) -> Iterator[Finding]:
    if function.decorator_list:
        return
    path, name = _shown(module.path), function.name
    if needed := _needed(function):
        yield Finding("error", path, function.lineno, f"{name} needs {', '.join(needed)}",
                      f"that {name}() needs no arguments, and returns a Bolt or a Spout")  # fmt: skip
    if _suspends(function):
        yield Finding("error", path, function.lineno, f"{name} is {_suspends(function)}",
                      "a plain function that returns a Bolt or a Spout")  # fmt: skip


def _needed(function: Function) -> list[str]:
    """The names of the arguments that a call has to give."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = positional[: len(positional) - len(arguments.defaults)]
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [each.arg for each in (*without, *(arg for arg, value in keywords if value is None))]


# -- methods ----------------------------------------------------------------------------------------------------

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
    )
}
_NEEDED_METHOD = {
    "Bolt": "process",
    "BatchingBolt": "process_batch",
    "TicklessBatchingBolt": "process_batch",
    "Spout": "next_tuple",
}
#: The methods that Storm's messages lead to; what they return is not looked at.
METHODS = (
    "initialize", "process", "process_tick", "process_batch", "next_tuple", "ack", "fail", "activate", "deactivate",
)  # fmt: skip
_EMIT_ROWS = "self.emit(row) for each row"
_EMITTING = ("process", "process_tick", "process_batch", "next_tuple")


def check_method(path: str, cls: str, function: Function) -> Iterator[Finding]:
    """Yield a warning for a method whose body never runs, or whose rows go nowhere."""
    name = f"{cls}.{function.name}"
    if how := _suspends(function):
        what = f"{name} is {how}, so a call runs nothing of it, and emits nothing"
        emits = f" with {_EMIT_ROWS}" if function.name in _EMITTING else ""
        yield Finding("warning", path, function.lineno, what, f"a plain method{emits}")
    elif function.name in _EMITTING and (line := _returned_rows(function)):
        yield Finding("warning", path, line, f"{name} returns rows, which go nowhere", _EMIT_ROWS)


def check_class(cls: type) -> list[Finding]:
    """Return the warnings about the methods of a class that is loaded."""
    found: list[Finding] = []
    for name in METHODS:
        owner = next((each for each in cls.__mro__ if name in vars(each)), object)
        function = vars(owner).get(name)
        if not inspect.isfunction(function) or owner.__module__.startswith("streamparse."):
            continue
        try:
            lines, first = inspect.getsourcelines(function)
            node = ast.parse(textwrap.dedent("".join(lines))).body[0]
        except (OSError, SyntaxError, IndexError):  # it was made at run time
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            path = _shown(Path(inspect.getfile(function)))
            for each in check_method(path, owner.__qualname__, node):
                found.append(replace(each, line=each.line + first - 1))
    return found


def _suspends(function: Function) -> str:
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

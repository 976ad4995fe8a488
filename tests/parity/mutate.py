"""Do the scenarios see it when a rule of the simulator is broken? ``python -m tests.parity.mutate``.

Each mutant is one small change to the syntax tree of a module: a comparison turned, a number off by one, a condition
negated, ``and`` for ``or``, a sum for a difference, a call of ``sorted`` left out. It is loaded in a process of its own
in place of the module, and the scenarios are compared with what was recorded of the given lines, until the first
differs. What no scenario sees is shown to the module's own tests: limits, the wording of errors and their places are
no business of Storm's. Mutants that nobody sees are listed with their place: each is equivalent, or a hole.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tests.support.paths import ROOT

MODULES = (
    "model.conf_checks",
    "model.groupings",
    "model.placement",
    "model.topology",
    "model.validation",
    "model.warnings",
    "engine.acker",
    "engine.barrier",
    "engine.bolt_task",
    "engine.spout_task",
    "engine.subscribers",
    "clj.file",
)
LINES = ("2.8.3", "0.9.4")
SEEN_BY = ("scenarios", "nobody", "tests")  # by exit status
SECONDS = 120  # for one mutant: one that hangs has been seen

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
CHANGED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitXor: ast.BitOr,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


def mutants(tree: ast.Module) -> Iterator[tuple[ast.Module, str]]:
    """Every tree with one change, and where and what it is."""
    for number, node in enumerate(ast.walk(tree)):
        for made in _changes(node):
            other = copy.deepcopy(tree)
            target = next(each for at, each in enumerate(ast.walk(other)) if at == number)
            if _is_worth_it(node):
                _replace(other, target, made)
                line = getattr(node, "lineno", 0)
                yield ast.fix_missing_locations(other), f"{line}: {_short(node)} -> {_short(made)}"


def _is_worth_it(node: ast.AST) -> bool:
    return hasattr(node, "lineno")


def _changes(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED and len(node.ops) == 1:
        yield ast.Compare(node.left, [TURNED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in CHANGED:
        if not any(isinstance(side, (ast.JoinedStr, ast.List)) for side in (node.left, node.right)):
            yield ast.BinOp(node.left, CHANGED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "sorted" and len(node.args) == 1:
        yield ast.Call(ast.Name("list", ast.Load()), node.args, [])


class _Replacing(ast.NodeTransformer):
    def __init__(self, target: ast.AST, made: ast.expr) -> None:
        self._target = target
        self._made = made

    def visit(self, node: ast.AST) -> ast.AST:
        return self._made if node is self._target else self.generic_visit(node)


def _replace(tree: ast.Module, target: ast.AST, made: ast.expr) -> None:
    _Replacing(target, ast.copy_location(copy.deepcopy(made), target)).visit(tree)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


# -- one mutant, in this process -----------------------------------------------------------------------------------


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with one of its mutants for its source."""

    def __init__(self, name: str, path: str, number: int) -> None:
        super().__init__(name, path)
        self._number = number

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(Path(self.path).read_bytes(), self.path)
        changed = next(each for at, (each, _) in enumerate(mutants(tree)) if at == self._number)
        return compile(changed, self.path, "exec")


def _file(module: str) -> Path:
    return ROOT / "simulator" / f"{module.replace('.', '/')}.py"


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, number: int) -> None:
        self._module = module
        self._number = number

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != f"simulator.{self._module}":
            return None
        file = str(_file(self._module))
        return importlib.util.spec_from_loader(
            fullname, _Loader(fullname, file, self._number), origin=file
        )


def _first_difference() -> str:
    """Which scenario sees it first; an exception of the simulator's own is seen too."""
    from tests.parity.record import recorded
    from tests.parity.scenarios import SCENARIOS
    from tests.parity.simulated import simulate
    from tests.parity.verdicts import judge

    for version in LINES:
        for scenario in SCENARIOS:
            storm = recorded(version, scenario) if scenario.runs_on(version) else None
            if storm is not None and not scenario.processes:
                verdict = judge(scenario, version, storm, simulate(scenario, version))
                if not verdict.is_good:
                    return f"{version} {scenario.name}"
    return ""


def _run_one(module: str, number: int) -> int:
    """The status says who sees it."""
    sys.meta_path.insert(0, _Finder(module, number))
    try:
        seen = _first_difference()
    except Exception as error:  # a mutant may break anything
        seen = f"{type(error).__name__}: {error}"
    if seen:
        return SEEN_BY.index("scenarios")
    package, name = module.split(".")
    tests = ROOT / "tests/simulator" / package / f"test_{name}.py"
    if pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", str(tests)]):
        return SEEN_BY.index("tests")
    return SEEN_BY.index("nobody")


# -- all of them ---------------------------------------------------------------------------------------------------


def _seen_by(module: str, number: int) -> str:
    argv = [sys.executable, "-m", "tests.parity.mutate", "--module", module, "--one", str(number)]
    try:
        ran = subprocess.run(argv, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "scenarios"  # it hangs
    return SEEN_BY[ran.returncode] if ran.returncode < len(SEEN_BY) else "scenarios"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.mutate")
    parser.add_argument("--module", action="append", choices=MODULES, help="all by default")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth mutant only")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one is not None:
        return _run_one(args.module[0], args.one)
    if _first_difference():
        sys.exit("the scenarios do not pass as they are: python -m pytest tests/parity")
    for module in args.module or MODULES:
        told = [what for _, what in mutants(ast.parse(_file(module).read_bytes()))]
        tried = range(0, len(told), args.every)
        seen = {number: _seen_by(module, number) for number in tried}
        count = Counter(seen.values())
        print(
            f"{module}.py: of {len(seen)} mutants scenarios see {count['scenarios']}, "
            f"the module's own tests {count['tests']}, nobody {count['nobody']}"
        )
        for number, who in seen.items():
            if who == "nobody":
                print(f"  simulator/{module}.py:{told[number]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

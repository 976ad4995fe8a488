"""What is generated in the pages is current, and what the pages say of the code is true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulator
import streamparse
import streamparse.testing
from docs import reference
from tests.support.paths import ROOT

DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if "<!-- generated" in page])
def test_the_generated_tables_of_a_page_are_current(name: str) -> None:
    assert reference.fill(PAGES[name]) == PAGES[name], "python -m docs writes them"


def test_every_generated_table_is_in_one_page() -> None:
    places = re.findall(r"<!-- generated: ([\w-]+) -->", "".join(PAGES.values()))
    assert sorted(places) == sorted(reference.TABLES)


def test_every_public_name_is_in_the_api_reference() -> None:
    pages = "".join(page for name, page in PAGES.items() if name.startswith("api-"))
    documented = set(re.findall(r"^\.\. (?:auto|py:)\w+:: ([\w.]+)", pages, re.MULTILINE))
    public = {
        f"{module.__name__}.{name}"
        for module in (streamparse, streamparse.testing, simulator)
        for name in module.__all__
    }
    assert public - documented - _SHOWN_OTHERWISE == set()


_SHOWN_OTHERWISE = {
    "simulator.Mode",  # a Literal: the signatures show it
    "simulator.NEWEST",  # a constant: the newest version of Storm
    "simulator.faults",  # simulator.engine.faults, by automodule
    "streamparse.__version__",
    "streamparse.testing.any_order",  # simulator.testing.AnyOrder
}


def _environment_variables() -> set[str]:
    """Return the names that the code reads from an environment, or sets in that of a component."""
    paths = [
        path
        for package in ("streamparse", "simulator", "pytest_streamparse")
        for path in (ROOT / package).rglob("*.py")
        if "template" not in path.parts
    ]
    return {name for path in paths for name in _names_in(ast.parse(path.read_bytes()))}


def _names_in(module: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(module))
    uses_environment = any(
        isinstance(node, ast.Attribute) and node.attr == "environ" for node in nodes
    )
    others = {id(each) for node in nodes for each in _other_words(node)}
    for node in nodes:
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        is_read = uses_environment or text.startswith("STREAMPARSE_")
        if is_read and id(node) not in others and re.fullmatch(r"[A-Z][A-Z_]{2,}[A-Z]", text):
            yield text


def _other_words(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the capitals of a node that name no variable: metavars of options, and ``__all__``."""
    if isinstance(node, ast.keyword) and node.arg == "metavar":
        yield node.value
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        yield from ast.walk(node.value)


def test_every_environment_variable_that_the_code_reads_is_described() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \|", PAGES["environment.md"], re.MULTILINE)
    described = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert described == _environment_variables()


@pytest.mark.parametrize("name", ["architecture.md", "exercises.md"])
def test_every_path_that_a_page_names_is_there(name: str) -> None:
    paths = set(re.findall(r"`([\w./-]+/[\w.-]+)`", PAGES[name])) - {"streamparse/jvm/clojure"}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_name_of_an_answer_is_in_the_file_that_the_answer_names() -> None:
    named = re.findall(r"`(\w+)`\s+in\s+`([\w./-]+\.py)`", PAGES["exercises.md"])
    assert len(named) > 20
    wrong = [(name, path) for name, path in named if name not in _words(ROOT / path)]
    assert wrong == []


def _words(path: Path) -> set[str]:
    return set(re.findall(r"\w+", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "term",
    [
        "fault injection",
        "discrete-event",
        "interleaving",
        "at-least-once",
        "glossary",
        "architecture",
        "API reference",
    ],
)
def test_a_search_for_a_standard_term_has_a_hit(term: str) -> None:
    assert any(term.lower() in page.lower() for page in PAGES.values())

"""The pages are run: what they show is what happens, what they name is there, and what is there is named.

A page is a session in an empty directory. Its blocks are taken in order: a block that begins with a comment naming a
file is that file; ``python`` is run (a test is left to pytest), ``clojure`` is read as a topology, ``console`` is
typed; ``cd examples/NAME`` brings that example. In what a command prints, ``...`` stands for anything, and lines may be
broken. ``text`` and ``sh`` blocks are shapes, or need what a test has not: the network. ``shellsession`` needs Java and
a cluster: test_real_docs.py types it.
"""

from __future__ import annotations

import argparse
import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

import streamparse
from simulator import RUN_CONF
from simulator.clj.file import parse_topology
from simulator.engine.events import EVENTS
from simulator.model.profiles import _SINCE
from streamparse.cli.sparse import COMMANDS
from tests.support import plugged
from tests.support.paths import ROOT

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
}
EVERYTHING = "\n".join(PAGES.values())
COMPONENTS, SIMULATING, STORM = (
    PAGES[f"docs/{name}.md"] for name in ("components", "simulating", "storm")
)


class Block(NamedTuple):
    """A fenced block: where its text begins, what it is, and the text."""

    line: int
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that the block is, if its first line names one."""
        named = re.match(r"(?:#|;;|//) (\S+\.\w+)\n", self.text)
        return named[1] if named else None

    @property
    def is_a_test(self) -> bool:
        """Whether the file is pytest's to run; the page types the command."""
        return self.file is not None and Path(self.file).name.startswith("test_")


def blocks(page: str) -> Iterator[Block]:
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        yield Block(page.count("\n", 0, found.start()) + 2, found[1], found[2])


# -- pages are run


class Session:
    """Somebody at a shell, in a directory where nothing is."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "page"
        self.directory.mkdir()
        commands = directory / "bin"
        commands.mkdir()
        for name, argv in (
            ("sparse", "-m streamparse.cli.sparse"),
            ("python", ""),
            ("python3", ""),
            ("pytest", "-m pytest"),
        ):
            script = commands / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {argv} "$@"\n')
            script.chmod(0o755)
        self.env = {
            **plugged.environment(),
            "PATH": os.pathsep.join([str(commands), os.environ["PATH"]]),
            "COLUMNS": "80",
            "PYTHONIOENCODING": "utf-8",
        }

    def run(self, *argv: str) -> tuple[str, str, int]:
        done = subprocess.run(
            argv,
            cwd=self.directory,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.stdout, done.stderr, done.returncode

    def python(self, block: Block, place: str) -> None:
        """Run it; the lines before it are blank, so that a traceback names the page's own lines."""
        code = f"exec(compile({chr(10) * (block.line - 1) + block.text!r}, {place!r}, 'exec'))"
        out, err, status = self.run(sys.executable, "-W", "error", "-c", code)
        assert status == 0, out + err

    def keep(self, name: str, text: str) -> None:
        path = self.directory / name
        if path.suffix == ".json" and text.startswith("// "):  # which has no comments
            text = text.partition("\n")[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change_directory(self, to: str) -> None:
        """Go to a directory; the examples of the checkout are copied when somebody does."""
        directory = (self.directory / to).resolve()
        if to.startswith("examples/") and not directory.exists():
            ignore = shutil.ignore_patterns("logs", "__pycache__", "_build", "_resources")
            shutil.copytree(ROOT / to, directory, ignore=ignore)
        self.directory = directory

    def type(self, block: Block, place: str) -> None:
        """Type each command, and compare: on the page is stdout, or that and stderr behind it."""
        for typed in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
            command, shown = typed[1], typed[2].strip("\n") + "\n"
            if command.startswith("cd "):
                self.change_directory(command[3:])
                continue
            out, err, status = self.run("sh", "-c", command)
            where = f"{place}: $ {command}"
            if not shown.strip():
                assert status == 0, f"{where}\n{out}{err}"
                continue
            said = out.strip("\n") + "\n"
            assert _alike(shown, said) or _alike(shown, f"{out}{err}".strip("\n") + "\n"), (
                f"{where}\n-- shown:\n{shown}-- stdout:\n{out}-- stderr:\n{err}"
            )


def _alike(shown: str, said: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(shown, said, flags)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(name: str, tmp_path: Path) -> None:
    session = Session(tmp_path)
    for block in blocks(PAGES[name]):
        place = f"{name}:{block.line}"
        if block.file:
            session.keep(block.file, block.text)
        if block.language == "python" and not block.is_a_test:
            session.python(block, name)
        elif block.language == "clojure":
            parse_topology(block.text, path=place, options=RUN_CONF)
        elif block.language == "console":
            session.type(block, place)


def test_every_block_says_what_it_is() -> None:
    known = {
        "bash",
        "clojure",
        "console",
        "javascript",
        "json",
        "python",
        "sh",
        "shellsession",
        "text",
    }
    found = {
        f"{name}:{block.line}": block.language
        for name, page in PAGES.items()
        for block in blocks(page)
    }
    assert {place: language for place, language in found.items() if language not in known} == {}


# -- what a page names is there


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[name])
    assert [link for link in links if not _leads_somewhere(name, link)] == []


def _leads_somewhere(name: str, link: str) -> bool:
    file, _, heading = link.partition("#")
    path = (ROOT / name).parent / file if file else ROOT / name
    if not path.exists():
        return False
    return not heading or heading in _anchors(path.read_text(encoding="utf-8"))


def _anchors(page: str) -> set[str]:
    """What can stand behind a #: the headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_test_that_a_page_names_is_there() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", EVERYTHING))
    assert named - set(re.findall(r"def (test_\w+)\(", tests)) == set()


def test_simulating_names_no_option_that_is_not_there() -> None:
    there = {name for names in _options("simulate") for name in names}
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", SIMULATING)) - there == set()


# -- what is there is named


def test_the_design_names_every_package() -> None:
    there = {
        path.parent.relative_to(ROOT).as_posix()
        for package in ("streamparse", "simulator", "pytest_streamparse")
        for path in (ROOT / package).rglob("__init__.py")
        if "template" not in path.parts
    }
    listed = set(re.findall(r"^([a-z_/]+)/ {2,}", PAGES["docs/design.md"], re.MULTILINE))
    assert listed & there == there


def _options(command: str) -> list[Sequence[str]]:
    """The names of each option of a command: ``["-n", "--name"]``."""
    module = next(each.module for each in COMMANDS if each.name == command)
    parser = argparse.ArgumentParser(add_help=False)
    import_module(module).add_arguments(parser)
    return [action.option_strings for action in parser._actions if action.option_strings]


def _is_named(word: str, page: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", page) is not None


@pytest.mark.parametrize("command", [each.name for each in COMMANDS])
def test_every_option_is_described(command: str) -> None:
    """By one of its names somewhere; those of simulate, which has a page of its own, by all of them there."""
    named, page = (all, SIMULATING) if command == "simulate" else (any, EVERYTHING)
    options = _options(command)
    assert [names for names in options if not named(_is_named(name, page) for name in names)] == []


@pytest.mark.parametrize("name", streamparse.__all__)
def test_every_class_and_what_it_offers_is_described(name: str) -> None:
    offered = getattr(streamparse, name)
    words = (
        [each for each in vars(offered) if not each.startswith("_")] if callable(offered) else []
    )
    assert [word for word in [name, *words] if not _is_named(word, COMPONENTS)] == []


def test_every_event_of_the_trace_is_described() -> None:
    page = PAGES["docs/trace-events.md"]
    assert [name for name in EVENTS if f"`{name}`" not in page] == []


def test_the_table_of_switches_is_the_simulators() -> None:
    rows = re.findall(r"^\| (?:P\d+)? *\| `(\w+)` \|.*\| ([^|]+?) \|$", STORM, re.MULTILINE)
    there = {
        name: ", ".join(f"{_shown(value)} from {since}" for since, value in steps)
        for name, steps in _SINCE.items()
    }
    assert dict(rows) == there


def _shown(value: object) -> str:
    words = {"True": "yes", "False": "no", "None": "none"}
    return words.get(str(value), str(value))


def test_every_conformance_scenario_is_listed_once() -> None:
    listed = re.findall(r"^\| S(\d+) \|", STORM, re.MULTILINE)
    assert [int(number) for number in listed] == list(range(1, 26))

"""A new bolt or spout in a project, with a test beside it that passes at once."""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from streamparse.project import Project, ProjectError, UsageError

ComponentKind = Literal["bolt", "spout"]
MOST_CHARS = 100

_BOLT = '''\
"""A new bolt: it passes values on."""

from streamparse.bolt import Bolt
from streamparse.storm import Tuple


class {cls}(Bolt):
    """Takes [value], emits [value]."""

    def process(self, tup: Tuple) -> None:
        # Called for each tuple. What is emitted here is anchored to it, and it is acked after the return.
        self.emit([tup.values[0]])
'''
_BOLT_TEST = '''\
"""Tests of {cls} in the in-process simulator of Storm."""

from bolts.{module} import {cls}


def test_each_value_is_passed_on(storm):
    bolt = storm.bolt({cls}, inputs=["value"], outputs=["value"])
    result = bolt.process(["dog"])
    assert result.emitted == [["dog"]]
    assert result.acked == [["dog"]]
'''
_SPOUT = '''\
"""A new spout: it emits three values."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from streamparse.spout import Spout


class {cls}(Spout):
    """Emits [value]; values that fail are emitted again."""

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        # Called once, before the first tuple is asked for.
        self.waiting = deque(["dog", "cat", "zebra"])
        self.pending: dict[int, str] = {{}}
        self.number = 0

    def next_tuple(self) -> None:
        # Called again and again. The id makes Storm follow the tuple and all that comes of it, and then call
        # ack(tup_id) or fail(tup_id).
        if self.waiting:
            self.number += 1
            self.pending[self.number] = self.waiting.popleft()
            self.emit([self.pending[self.number]], tup_id=self.number)

    def ack(self, tup_id: int) -> None:
        del self.pending[tup_id]

    def fail(self, tup_id: int) -> None:
        self.waiting.append(self.pending.pop(tup_id))
'''
_SPOUT_TEST = '''\
"""Tests of {cls} in the in-process simulator of Storm."""

from spouts.{module} import {cls}


def test_values_that_fail_are_emitted_again(storm):
    spout = storm.spout({cls}, outputs=["value"])
    assert [spout.next_tuple().emitted for _ in range(3)] == [[["dog"]], [["cat"]], [["zebra"]]]
    spout.ack(1)
    spout.fail(2)
    spout.ack(3)
    assert spout.next_tuple().emitted == [["cat"]]
    assert spout.next_tuple().emitted == []
'''
_TEXTS: Mapping[str, tuple[str, str]] = {
    "bolt": (_BOLT, _BOLT_TEST),
    "spout": (_SPOUT, _SPOUT_TEST),
}


class NewComponent(NamedTuple):
    """A component that was written.

    Attributes:
        files: the paths of the new files, relative to the project.
        python_class: ``package.module.Class``, as a topology file names it.
    """

    files: list[str]
    python_class: str


def write_component(project: Project, kind: ComponentKind, name: str) -> NewComponent:
    """Write a component and its test into a project.

    Args:
        kind: of the component.
        name: in any spelling: ``word-filter``, ``word_filter`` or ``WordFilter``.

    Raises:
        UsageError: this is no name for a module and a class.
        ProjectError: one of the files is there already, or cannot be written; nothing has changed.
    """
    module, cls = _names(name)
    package = f"{kind}s"
    component, test = (text.format(cls=cls, module=module) for text in _TEXTS[kind])
    texts = {f"src/{package}/{module}.py": component, f"tests/test_{module}.py": test}
    for path in texts:
        if os.path.lexists(project.directory / path):
            raise ProjectError([f"{path}: already exists, and was left alone; take another name"])
    if not (project.directory / f"src/{package}/__init__.py").exists():
        texts = {f"src/{package}/__init__.py": "", **texts}
    _write(project.directory, texts)
    return NewComponent([*texts], f"{package}.{module}.{cls}")


def _write(directory: Path, texts: Mapping[str, str]) -> None:
    written = []
    for path, text in texts.items():
        file = directory / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as opened:
                written.append(file)
                opened.write(text)
        except OSError as error:
            for each in written:
                each.unlink(missing_ok=True)
            raise ProjectError([f"{path}: cannot be written: {error.strerror}"]) from None


def _names(name: str) -> tuple[str, str]:
    """The names of the module and of the class."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name) and len(name) <= MOST_CHARS:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").split("_")
        words = [word for word in words if word]
        module = "_".join(words).lower()
        cls = "".join(word[0].upper() + word[1:] for word in words)
        if not (keyword.iskeyword(module) or keyword.iskeyword(cls)):
            return module, cls
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    raise UsageError(
        f"{shown!r} cannot be the name of a component: expected a letter, then letters, digits, - and _, at most "
        f"{MOST_CHARS} and no keyword of Python, such as word-filter or WordFilter"
    )

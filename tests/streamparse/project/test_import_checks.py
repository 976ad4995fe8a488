"""What components import and is not there. Whole classes are in ``test_component_checks.py``."""

from __future__ import annotations

import sys
from pathlib import Path

from streamparse.project.class_texts import Kind, Sources
from streamparse.project.import_checks import (
    check_imported_names,
    check_imports,
    imported_packages,
    python_3_name,
)


def test_a_module_that_is_not_there_is_told_once_with_its_place(src: Path) -> None:
    (src / "helper").mkdir()
    (src / "own.py").write_text("import nowhere.at_all\n")
    (src / "m.py").write_text(
        "import json, own, helper\nfrom streamparse import Bolt\nfrom . import own\nimport Queue\n"
        "import nowhere\ntry:\n    import elsewhere\nexcept ImportError:\n    pass\nclass B(Bolt): pass\n"
    )
    components: dict[str, tuple[str, Kind]] = {"b": ("m.B", "bolt"), "c": ("m.B", "bolt")}
    assert [f"{each.severity} {each}" for each in check_imports(components, src)] == [
        "error src/m.py:4: Queue is a module of Python 2; in Python 3: queue",
        "warning src/m.py:5: there is no module nowhere; install it beside sparse for a simulation, "
        "and name its package in the requirements",
        "warning src/own.py:1: there is no module nowhere; install it beside sparse for a simulation, "
        "and name its package in the requirements",
    ]
    assert imported_packages(components, src) == {
        "streamparse": "src/m.py:2",
        "Queue": "src/m.py:4",
        "nowhere": "src/m.py:5",
    }


def test_a_name_that_a_module_has_not_is_told_with_its_line(src: Path) -> None:
    (src / "own.py").write_text("def made(): pass\n")
    (src / "m.py").write_text("import json\nfrom own import made\nfrom own import maed\n")
    sources = Sources(src)
    module = sources.module("m")
    assert module is not None
    assert [str(each) for each in check_imported_names(sources, module)] == [
        'src/m.py:3: src/own.py has no maed; did you mean "made"?'
    ]


def test_what_only_an_older_python_has_is_told_with_what_takes_its_place(src: Path) -> None:
    (src / "commands").mkdir()
    (src / "sets.py").write_text("Set = set\n")
    (src / "m.py").write_text(
        "import urllib2, commands\nfrom sets import Set\nfrom cStringIO import StringIO\n"
        "from urllib import parse, urlencode\nfrom collections import Counter, Mapping\n"
        "try:\n    import Queue\nexcept ImportError:\n    import queue as Queue\n"
    )
    sources = Sources(src)
    module = sources.module("m")
    assert module is not None
    assert [str(each) for each in check_imported_names(sources, module)] == [
        "src/m.py:1: urllib2 is a module of Python 2; in Python 3: urllib.request",
        "src/m.py:3: cStringIO is a module of Python 2; in Python 3: io",
        "src/m.py:4: urllib has no urlencode in Python 3; instead: urllib.parse.urlencode",
        "src/m.py:5: collections has no Mapping in Python 3; instead: collections.abc.Mapping",
    ]


def test_a_module_that_this_python_has_no_more_is_told_too() -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert python_3_name("imp") == (
        f"Python {here} has no module imp any more",
        "instead: importlib",
    )
    assert python_3_name("redis") is None

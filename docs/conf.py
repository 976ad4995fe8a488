"""Sphinx's configuration of the documentation site; `make docs` builds it.

The pages are Markdown that a code host shows as well: flat in this directory, linked by relative paths.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.shell import BashSessionLexer

from streamparse import __version__

sys.path.insert(0, str(Path(__file__).parent.parent))  # this directory is a package of the checkout
from docs import examples

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "streamparse"
author = "the streamparse authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"streamparse {release}"
html_show_copyright = False

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist"]
myst_heading_anchors = 3  # page.md#heading leads where it does on a code host

autodoc_member_order = "bysource"
maximum_signature_line_length = 88  # a longer one has a line for each parameter
nitpicky = True
nitpick_ignore_regex = [
    # Other projects, whose indexes would have to come over the network.
    (r"py:.*", r"(collections|contextlib|logging|networkx|pathlib|types)\..*|TracebackType"),
    # Modules behind the doors, whose types appear in signatures. Pages refer to the names of the doors.
    (
        r"py:class",
        r"simulator\.(engine|exploring|laws|load|model|page|run|testing|transports|wire)\..*|streamparse\.(dsl|project|replaying)\..*",
    ),
    (r"py:class", r"Verdict|ReportedError|ComponentSpec"),
    (r"py:class", r"Conf|Readable|Writable|streamparse\.testing\.storm\.AnyInvariant"),
]

# Files beside docs/ that are pages of the site too: where a page links to the file, the site links to its page.
OUTSIDE = {"../CHANGELOG.md": "changelog.md", "../CONTRIBUTING.md": "contributing.md"}


def link_inside(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Point the links of a page to files outside docs/ at their pages on the site."""
    for path, page in OUTSIDE.items():
        source[0] = source[0].replace(f"]({path}", f"]({page}")


def link_pages(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the links to the pages of the examples where a page has room for them."""
    source[0] = source[0].replace(examples.PLACE, examples.links())


def write_pages(app: Sphinx, error: Exception | None) -> None:
    """Write the pages of the examples beside the site."""
    if error is None and app.builder.format == "html":
        for _ in examples.write_pages(Path(app.outdir) / "pages"):
            pass


def keep_colons(
    _app: Sphinx, what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Keep napoleon from taking the first line of a property, up to a colon, for the property's type."""
    if what == "property":
        lines.insert(0, "\\")  # an escaped line break, which prints nothing


def setup(app: Sphinx) -> None:
    """Called by Sphinx before it reads the pages."""
    app.connect("source-read", link_inside)
    app.connect("source-read", link_pages)
    app.connect("build-finished", write_pages)
    app.connect("autodoc-process-docstring", keep_colons, priority=400)  # before napoleon
    app.add_lexer("shellsession", BashSessionLexer)

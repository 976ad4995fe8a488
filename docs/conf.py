"""Sphinx's configuration of the documentation site; `make docs` builds it.

The pages are Markdown that a code host shows as well: flat in this directory, linked by relative paths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygments.lexers.shell import BashSessionLexer

from streamparse import __version__

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

nitpicky = True

# Files beside docs/ that are pages of the site too: where a page links to the file, the site links to its page.
OUTSIDE = {"../CHANGELOG.md": "changelog.md", "../CONTRIBUTING.md": "contributing.md"}


def link_inside(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Point the links of a page to files outside docs/ at their pages on the site."""
    for path, page in OUTSIDE.items():
        source[0] = source[0].replace(f"]({path}", f"]({page}")


def setup(app: Sphinx) -> None:
    """Called by Sphinx before it reads the pages."""
    app.connect("source-read", link_inside)
    app.add_lexer("shellsession", BashSessionLexer)

"""Draws a topology as text for a terminal, as SVG for a page, or as DOT for other tools.

All three show the same: the components with their tasks, the streams with their fields, and the grouping of each
subscription. No code of the user is imported.
"""

from simulator.drawing.dot import to_dot
from simulator.drawing.svg import to_svg
from simulator.drawing.text import as_ascii, to_text

__all__ = ["as_ascii", "to_dot", "to_svg", "to_text"]

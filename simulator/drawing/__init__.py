"""Draws a topology as text for a terminal, as SVG for a page, or as DOT for other tools, and any diagram as SVG.

All drawings of a topology show the same: the components with their tasks, the streams with their fields, and the
grouping of each subscription. No code of the user is imported.
"""

from simulator.drawing.diagram import FONT, Arrow, Box, Diagram, diagram_to_svg
from simulator.drawing.dot import to_dot
from simulator.drawing.svg import to_svg
from simulator.drawing.text import as_ascii, to_text

__all__ = [
    "FONT",
    "Arrow",
    "Box",
    "Diagram",
    "as_ascii",
    "diagram_to_svg",
    "to_dot",
    "to_svg",
    "to_text",
]

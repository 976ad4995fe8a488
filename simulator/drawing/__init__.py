"""Draws a topology as text for a terminal, as SVG for a page, or as DOT or Mermaid, and any diagram as SVG.

All drawings of a topology show the same: the components with their tasks, the streams with their fields, and the
grouping of each subscription. No code of the user is imported.
"""

from simulator.drawing.diagram import (
    FONT,
    Arrow,
    Box,
    Diagram,
    PlacedArrow,
    PlacedBox,
    PlacedDiagram,
    diagram_to_svg,
    place_diagram,
)
from simulator.drawing.dot import dot_lines, dot_string, to_dot
from simulator.drawing.mermaid import to_mermaid
from simulator.drawing.svg import to_svg
from simulator.drawing.text import as_ascii, to_text
from simulator.drawing.words import printable

__all__ = [
    "FONT",
    "Arrow",
    "Box",
    "Diagram",
    "PlacedArrow",
    "PlacedBox",
    "PlacedDiagram",
    "as_ascii",
    "diagram_to_svg",
    "dot_lines",
    "dot_string",
    "place_diagram",
    "printable",
    "to_dot",
    "to_mermaid",
    "to_svg",
    "to_text",
]

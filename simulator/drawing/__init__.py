"""A topology as a picture, and layered diagrams of anything else."""

from simulator.drawing.diagram import FONT, Arrow, Box, Diagram, diagram_svg
from simulator.drawing.draw import as_ascii, dot, svg, text

__all__ = ["FONT", "Arrow", "Box", "Diagram", "as_ascii", "diagram_svg", "dot", "svg", "text"]

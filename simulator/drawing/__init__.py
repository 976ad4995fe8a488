"""A topology as a picture."""

from simulator.drawing.draw import as_ascii, dot, svg, text

__all__ = ["as_ascii", "dot", "svg", "text"]

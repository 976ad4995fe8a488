"""Reads topologies in either form, a Clojure file or a Python class, and writes one form as the other.

Names are loaded when they are asked for: most commands need a reader only.
"""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.topologies.conversion import Conversion, convert
    from streamparse.topologies.defaults import default_conf, with_aliases, with_conf
    from streamparse.topologies.reader import read_topology, topology_of_class

__all__ = [
    "Conversion",
    "convert",
    "default_conf",
    "read_topology",
    "topology_of_class",
    "with_aliases",
    "with_conf",
]

__getattr__ = lazy_getattr(
    __name__,
    {
        "conversion": ("Conversion", "convert"),
        "defaults": ("default_conf", "with_aliases", "with_conf"),
        "reader": ("read_topology", "topology_of_class"),
    },
)

"""The words of a topology that is written as a Python class: what its body holds, and nothing that reads it.

A mistake in an argument is kept in the object that it was given to, with its line; the class of the topology then
raises all of them at once. Modules of components import ``Stream`` from here, so it stays as light as they are.
"""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.dsl.bolt import JavaBolt, ShellBolt
    from streamparse.dsl.component import ComponentSpec, GlobalStreamId, python_spec
    from streamparse.dsl.mistakes import ClassMistakes, Mistake, kind_of, plain
    from streamparse.dsl.spout import JavaSpout, ShellSpout
    from streamparse.dsl.stream import Grouping, Stream
    from streamparse.dsl.topology import Topology, TopologyType

__all__ = [
    "ClassMistakes",
    "ComponentSpec",
    "GlobalStreamId",
    "Grouping",
    "JavaBolt",
    "JavaSpout",
    "Mistake",
    "ShellBolt",
    "ShellSpout",
    "Stream",
    "Topology",
    "TopologyType",
    "kind_of",
    "plain",
    "python_spec",
]

__getattr__ = lazy_getattr(
    __name__,
    {
        "bolt": ("JavaBolt", "ShellBolt"),
        "component": ("ComponentSpec", "GlobalStreamId", "python_spec"),
        "mistakes": ("ClassMistakes", "Mistake", "kind_of", "plain"),
        "spout": ("JavaSpout", "ShellSpout"),
        "stream": ("Grouping", "Stream"),
        "topology": ("Topology", "TopologyType"),
    },
)

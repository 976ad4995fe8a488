"""An import that may fail."""

from spouts import WordSpout

from streamparse import Topology

try:
    import no_such_package as fast
except ImportError:
    fast = None


class TryImport(Topology):
    word_spout = WordSpout.spec(par=1 if fast is None else 2)

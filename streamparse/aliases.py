"""Other names of packages: a module that user code imports by one name is that of another package.

``"aliases": {"pystorm": "streamparse"}`` in ``config.json`` lets a project that imports ``pystorm`` run as it is. The
names reach component processes as a variable of their environment, and this module is loaded only where there are some.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

__all__ = ["VARIABLE", "as_text", "install", "parsed"]

#: The variable of the environment that has the names: ``pystorm=streamparse,other=streamparse``.
VARIABLE = "STREAMPARSE_ALIASES"


def as_text(aliases: Mapping[str, str]) -> str:
    """Return names as the value of the variable."""
    return ",".join(f"{name}={meant}" for name, meant in aliases.items())


def parsed(text: str) -> dict[str, str]:
    """Return the names in the value of the variable."""
    pairs = (each.partition("=") for each in text.split(",") if "=" in each)
    return {name: meant for name, _, meant in pairs}


def install(aliases: Mapping[str, str]) -> None:
    """Have ``import name``, and of all below it, give the modules of the package that is meant."""
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _Aliases)]
    if aliases:
        sys.meta_path.insert(0, _Aliases(aliases))


class _Aliases(MetaPathFinder, Loader):
    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = dict(aliases)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        first, _, rest = name.partition(".")
        if first not in self._aliases:
            return None
        meant = f"{self._aliases[first]}.{rest}" if rest else self._aliases[first]
        module = import_module(meant)
        is_package = hasattr(module, "__path__")
        return ModuleSpec(name, self, is_package=is_package, loader_state=module)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        made = type(sys)(spec.name)
        made.__dict__["_streamparse_meant"] = spec.loader_state
        return made

    def exec_module(self, module: ModuleType) -> None:
        # The import system has marked a module of ours; the real one takes its place.
        sys.modules[module.__name__] = module.__dict__["_streamparse_meant"]

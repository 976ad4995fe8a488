"""Start one component: ``python -m streamparse.run package.module.Class``."""

from __future__ import annotations

import os
import sys

from streamparse.multilang import HOST
from streamparse.process import take_over
from streamparse.starting import NEEDED, find, make
from streamparse.storm import Component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = ["main", "main_of_3", "run_component"]


def run_component(name: str) -> None:
    """Run the component of this dotted name until Storm closes the pipe, in a process of its own.

    An error that keeps it from starting reaches Storm as an error message with the traceback.

    Args:
        name: ``package.module.Class``, or that of a function that returns a component.

    Raises:
        SystemExit: always; with the component's exit status.
    """
    take_over()
    try:
        if text := os.environ.get("STREAMPARSE_ALIASES"):
            from streamparse import aliases

            aliases.install(aliases.parsed(text))
        host = HOST.get()
        random = _random() if host.seed is not None else None
        _prefer_sources()
        if random:
            random.seed(host.module_seed)
        found = find(name)
        if random:
            random.seed(host.seed)
        component = make(found, name)
    except (Exception, SystemExit) as error:  # a user's module may do anything when imported
        _report_and_exit(error)
    assert isinstance(component, Component)
    try:
        component.run()
    except Exception as error:  # of a run() that a user's class has in place of ours
        if component.storm_conf is None:
            _report_and_exit(error)
        component._handle_run_exception(error)
        component._write_out()
        sys.exit(1)


def _random() -> Any:
    """Return the ``random`` module of the standard library, before the sources can hide it."""
    import random

    return random


def _prefer_sources() -> None:
    """Put the sources first on ``sys.path``: ``src/`` seen from a project's top, and this directory.

    What a fork server has loaded, and the sources have too, is forgotten: to components it is theirs, as on Storm.
    """
    here = os.getcwd()
    is_top = os.path.isfile(os.path.join(here, "config.json"))
    for directory in [os.path.join(here, "src"), here] if is_top else [here]:
        if directory not in sys.path:
            sys.path.insert(0, directory)
        hidden = {entry.removesuffix(".py") for entry in os.listdir(directory)} - NEEDED
        for name in hidden & sys.stdlib_module_names & sys.modules.keys():
            if name not in sys.builtin_module_names:
                del sys.modules[name]


def _report_and_exit(error: BaseException) -> NoReturn:
    """Complete the handshake, report why there is no component, and end the process."""
    reporter = Component(rdb_signal=None)
    reporter._take_process()
    reporter.read_handshake()
    reporter.raise_exception(error)
    reporter._write_out()
    sys.exit(1)


def main() -> None:
    """Run the class named by the only argument."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m streamparse.run package.module.Class")
    run_component(sys.argv[1])


def main_of_3() -> None:
    """Run the class named by the arguments, as the program ``streamparse_run`` of streamparse 3 to 5.

    Its arguments are ``[-s json] package.module.Class``, all of them also in one word: Storm hands over one.
    """
    words = [word for argument in sys.argv[1:] for word in argument.split()]
    if words[:1] in (["-s"], ["--serializer"]) and len(words) == 3:
        if words[1] != "json":
            sys.exit(f"streamparse_run -s {words[1]}: expected json, which every Storm speaks")
        words = words[2:]
    if len(words) != 1 or words[0].startswith("-"):
        sys.exit("usage: streamparse_run [-s json] package.module.Class")
    run_component(words[0])


if __name__ == "__main__":
    main()

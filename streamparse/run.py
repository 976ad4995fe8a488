"""Start one component: ``python -m streamparse.run package.module.Class``."""

from __future__ import annotations

import os
import sys

from streamparse.multilang import HOST
from streamparse.process import take_over
from streamparse.starting import find, make
from streamparse.storm import Component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["main", "run_component"]


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
        _add_source_directories()
        _seed(HOST.get().module_seed)
        found = find(name)
        _seed(HOST.get().seed)
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


def _seed(seed: str | None) -> None:
    """Seed the ``random`` module; the simulator gives a seed, Storm none."""
    if seed is not None:
        import random

        random.seed(seed)


def _add_source_directories() -> None:
    """Put the sources on ``sys.path``: ``src/`` seen from a project's top, and this directory, all that Storm knows."""
    here = os.getcwd()
    is_top = os.path.isfile(os.path.join(here, "config.json"))
    for directory in [os.path.join(here, "src"), here] if is_top else [here]:
        if directory not in sys.path:
            sys.path.insert(0, directory)


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


if __name__ == "__main__":
    main()

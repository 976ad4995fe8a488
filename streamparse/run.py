"""Start one component: ``python -m streamparse.run package.module.Class``."""

from __future__ import annotations

import os
import sys

from streamparse.process import take_over
from streamparse.storm import Component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["main", "run_component"]


def run_component(name: str) -> None:
    """Run the component class of this dotted name until Storm closes the pipe, in a process of its own.

    An error that keeps it from starting reaches Storm as an error message with the traceback.

    Args:
        name: ``package.module.Class``.

    Raises:
        SystemExit: always; with the component's exit status.
    """
    take_over()
    try:
        component = _load(name)()
    except (Exception, SystemExit) as error:  # a user's module may do anything when imported
        _report_and_exit(error)
    component.run()


def _load(name: str) -> type[Component]:
    from importlib import import_module

    module_name, _, class_name = name.rpartition(".")
    if not module_name:
        raise ImportError(f"{name!r} is no dotted name of a class (package.module.Class)")
    for directory in _source_directories():
        if directory not in sys.path:
            sys.path.insert(0, directory)
    module = import_module(module_name)
    try:
        cls = getattr(module, class_name)
    except AttributeError:
        raise ImportError(
            f"module {module_name} ({module.__file__}) has no class {class_name}"
        ) from None
    if not (isinstance(cls, type) and issubclass(cls, Component)):
        raise TypeError(f"{name} is no component: it derives from neither Bolt nor Spout")
    return cls


def _source_directories() -> Iterator[str]:
    """The directory of a project's sources, seen from its top; and this one, the only one that Storm knows."""
    here = os.getcwd()
    if os.path.isfile(os.path.join(here, "config.json")):
        yield os.path.join(here, "src")
    yield here


def _report_and_exit(error: BaseException) -> None:
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

"""Start one component: ``python -m streamparse.run pkg.mod.Class``. Owns everything process-wide.

The protocol's pipes are moved away from stdin and stdout before any user code runs, so nothing that is printed, at
whatever level (Python, C, a child process), can reach Storm: it goes to stderr, or into the log once that is set up.
Signals, the debugger and the seed of the ``random`` module are seen to here too.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # the module without its enums, which cost 5 ms
import io
import os
import sys

from streamparse.multilang import HOST, Host
from streamparse.pipes import Input, Output
from streamparse.storm.component import RDB_SIGNAL, Component, remote_pdb_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

#: Dumps the stacks of all threads to stderr: how the simulator says where a component hangs.
STACK_SIGNAL = getattr(signal, "SIGUSR2", None)

Streams = tuple[Input, Output]
_streams: Streams | None = None


def take_over(rdb_signal: int | None = RDB_SIGNAL) -> Streams:
    """Make this process a component's: its stdin and stdout become the protocol's alone.

    Returns:
        The protocol's two ends. A second call returns the same.
    """
    global _streams
    if _streams is None:
        HOST.set(_host())
        _streams = _move_pipes()
        _handle_signals(rdb_signal)
        sys.breakpointhook = _breakpoint
        if seed := HOST.get().seed:
            import random

            random.seed(seed)
        if clock := os.environ.get("STREAMPARSE_VIRTUAL_TIME"):
            from streamparse import virtual_time

            virtual_time.follow(clock, _streams[0])
    return _streams


def _host() -> Host:
    """Who runs this process: the simulator says so in the environment."""
    virtual = os.environ.get("STREAMPARSE_VIRTUAL_CLOCK") == "1"
    return Host(virtual_clock=virtual, seed=os.environ.get("STREAMPARSE_SEED"))


def _move_pipes() -> Streams:
    ours = Output(os.dup(1))
    theirs = Input(os.dup(0), ours)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # it is stderr now
    return theirs, ours


def _handle_signals(rdb_signal: int | None) -> None:
    threading = sys.modules.get("threading")  # who has not loaded it has one thread
    if threading and threading.current_thread() is not threading.main_thread():
        return  # only the main thread may
    if rdb_signal is not None:
        signal.signal(rdb_signal, remote_pdb_handler)
    if STACK_SIGNAL is not None:
        import faulthandler

        faulthandler.register(STACK_SIGNAL, file=2, all_threads=True)


def open_debugger(frame: FrameType | None) -> None:
    """Wait for a debugger's client on a free local port; without remote_pdb say how to get it."""
    import logging

    log = logging.getLogger(__name__)
    try:
        from remote_pdb import RemotePdb
    except ImportError:
        log.warning("no debugger: remote_pdb is not installed (pip install remote-pdb)")
        return
    debugger = RemotePdb(host="127.0.0.1", port=0)  # says on stderr where it listens, and waits
    debugger.set_trace(frame=frame)


def _breakpoint(*args: object, **kwargs: object) -> None:
    """``breakpoint()`` in a component: stdin and stdout are taken, so over a port."""
    open_debugger(sys._getframe(1))


def run_component(name: str) -> None:
    """Run the component class of this dotted name until Storm closes the pipe; this process is its own.

    What keeps it from starting reaches Storm as an error message with the traceback.

    Raises:
        SystemExit: always; with the component's exit status.
    """
    take_over()
    try:
        component = _load(name)()
    except (Exception, SystemExit) as error:  # a user's module may do anything when imported
        _refuse(error)
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
    """Where a project keeps its sources, seen from its top; and here, which is all that Storm knows."""
    here = os.getcwd()
    if os.path.isfile(os.path.join(here, "config.json")):
        yield os.path.join(here, "src")
    yield here


def _refuse(error: BaseException) -> None:
    """Shake hands, say why there is no component, and end."""
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
    # By its importable name: `take_over` must find its state wherever it is called from.
    from streamparse.run import main as run_main

    run_main()

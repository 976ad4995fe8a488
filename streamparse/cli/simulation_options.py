"""What a simulation is to run and how, from the command line: for ``sparse simulate`` and ``sparse capacity``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from streamparse.cli import launch
from streamparse.cli.arguments import (
    add_local_environment_argument,
    add_storm_version_argument,
    add_topology_arguments,
)
from streamparse.cli.local_logs import with_writable_logs
from streamparse.cli.output import detail, note, warn
from streamparse.project import (
    NotPythonError,
    Project,
    SourceError,
    UsageError,
    find_class,
)

if TYPE_CHECKING:
    from simulator import RunOptions
    from simulator.engine import Feed
    from simulator.model import Topology
    from streamparse.virtual_time import SharedClock

__all__ = [
    "add_simulation_arguments",
    "check_virtual_time",
    "chosen_storm_version",
    "pin_hash_seed",
    "prepared",
    "row_files",
    "surroundings",
    "virtual_clock",
    "with_stubs",
]

PATIENCE_SECONDS = 30.0  # supervisor.worker.timeout.secs, Storm's own default


def add_simulation_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of whatever simulates."""
    add = parser.add_argument
    add_topology_arguments(parser)
    add_local_environment_argument(parser)
    add("--seed", type=int, default=0, metavar="N", help="decides every free choice (default: 0)")
    add_storm_version_argument(parser)
    add(
        "--in-process", action="store_true",
        help="run Python components as objects in this process: pdb and coverage just work",
    )  # fmt: skip
    add(
        "--cwd", metavar="DIR",
        help="the working directory of components (default: src, as on Storm)",
    )  # fmt: skip
    add(
        "--stub", action="append", default=[], metavar="ID=FILE|CLASS", dest="stubs",
        help="feed a spout's rows from a file of JSON lines, or run another class in a component's place; "
        "CLASS[FIELD,...] says what it emits, for what needs a JVM",
    )  # fmt: skip
    add(
        "--no-strict", dest="no_strict", action="store_true",
        help="let pass the mistakes that this version of Storm lets pass; default: they end the run",
    )  # fmt: skip
    add(
        "--patience", type=float, metavar="SECS",
        help="report a component that is silent for so many seconds as hung, not counting those in which it waits for "
        "a processor; 0: never, for a debugger (default: topology.subprocess.timeout.secs, or 30)",
    )  # fmt: skip


def prepared(args: argparse.Namespace, project: Project) -> tuple[Topology, RunOptions]:
    """The topology that the command line asks for, and how it is to run; work and time are not yet in it."""
    source_dir = project.require_source_dir()
    if not args.in_process:
        from simulator.transports import start_fork_server

        start_fork_server(source_dir)  # it gets ready while we read the topology
    from simulator import RunOptions

    conf = _conf(args, project)
    storm_version = chosen_storm_version(args, project)
    topology = launch.read_topology(args, project, conf, storm_version)
    conf = launch.whole_conf(args, project, topology, conf)
    topology, feeds = with_stubs(args, topology, source_dir)
    expecting = launch.check_classes(topology, project, without=feeds, in_process=args.in_process)
    conf = with_writable_logs(conf, project)  # a topology that is refused leaves nothing behind
    _tell(args, project, conf, storm_version)
    return topology, RunOptions(
        conf=conf,
        cwd=str(_working_directory(args, source_dir)),
        sources=str(source_dir),
        mode="inprocess" if args.in_process else "process",
        storm_version=storm_version,
        seed=args.seed,
        strict=not args.no_strict,
        feeds=feeds,
        hang_seconds=_patience(args, conf),
        expecting=expecting,
    )


def _tell(
    args: argparse.Namespace, project: Project, conf: Mapping[str, object], storm_version: str
) -> None:
    detail(f"topology file: {project.topology_path(args.name)}")
    detail(f"Storm {storm_version}, by {_version_source(args, project)}")
    place = "in this process" if args.in_process else "as processes"
    detail(f"components run {place}, in {project.source_dir}, with {sys.executable}")
    detail(f"log files: {conf.get('streamparse.log.path', 'none')}")
    if project.topology_path(args.name).suffix == ".py":
        note(_defaults_of_class(conf))
    for key, value in sorted(conf.items()):
        detail(f"setting: {key} = {json.dumps(value)}")


def _defaults_of_class(conf: Mapping[str, object]) -> str:
    """The line about the settings of a topology in Python, whose defaults are others than those of a Clojure file."""
    timeout = conf.get("topology.message.timeout.secs")
    pending = conf.get("topology.max.spout.pending")
    return (
        f"settings as in streamparse 3 to 5: workers {conf.get('topology.workers')}, "
        f"ackers {conf.get('topology.acker.executors')}, "
        f"pending tuples {'without a bound' if pending is None else pending}, "
        f"message timeout {30 if timeout is None else timeout} s"
    )


def _working_directory(args: argparse.Namespace, source_dir: Path) -> Path:
    if args.cwd is None:
        return source_dir
    directory = Path(args.cwd)
    if not directory.is_dir():
        raise UsageError(f"--cwd {args.cwd}: expected an existing directory")
    return directory.absolute()


def _conf(args: argparse.Namespace, project: Project) -> dict[str, object]:
    from simulator.transports import MOST_HANG_SECONDS

    if args.patience is not None and not 0 <= args.patience <= MOST_HANG_SECONDS:  # NaN is neither
        raise UsageError(
            f"--patience {args.patience:g}: expected seconds, at most {MOST_HANG_SECONDS}; 0 is never"
        )
    settings = {**launch.settings_of(args, project), **launch.local_settings(args, project)}
    return launch.topology_conf(args, project, settings, launch.chosen_environment(args, project))


def _patience(args: argparse.Namespace, conf: Mapping[str, object]) -> float:
    """The seconds after which a silent component is hung: those of the option, else Storm's."""
    from simulator.transports import allowed_silence

    if args.patience is not None:
        patience: float = args.patience
        return patience
    return allowed_silence(conf) or PATIENCE_SECONDS


def chosen_storm_version(args: argparse.Namespace, project: Project) -> str:
    """The version of Storm to behave like, in its full form."""
    from simulator.model import NEWEST

    version = args.storm_version or project.storm_version() or NEWEST
    remedy = "" if args.storm_version else launch.ANOTHER_STORM
    return launch.check_storm_version(version, _version_source(args, project), remedy)


def _version_source(args: argparse.Namespace, project: Project) -> str:
    if args.storm_version:
        return "--storm-version"
    return "project.clj" if project.storm_version() else "default"


def with_stubs(
    args: argparse.Namespace, topology: Topology, source_dir: Path
) -> tuple[Topology, dict[str, Feed]]:
    """The topology with what ``--stub`` puts in its components' places, and the rows by spout id."""
    feeds: dict[str, Feed] = {}
    for text in args.stubs:
        name, _, value = topology.split_assignment(text)
        if not name or not value:
            raise UsageError(f"--stub {text}: expected ID=rows.jsonl or ID=package.module.Class")
        topology, feed = _stubbed(topology, name, value, source_dir)
        if feed is not None:
            feeds[name] = feed
            if not feed.rows:
                warn([f"--stub {text}: the file has no rows, so {name} emits nothing"])
    return topology, feeds


def row_files(args: argparse.Namespace) -> list[str]:
    """Return the files that ``--stub`` may name, before the ids of the topology are known: each has a = in front."""
    values = (text[at.end() :] for text in args.stubs for at in re.finditer("=", text))
    return [value for value in values if _is_file(value)]


def _is_file(value: str) -> bool:
    return value.endswith((".jsonl", ".json")) or "/" in value


def _stubbed(
    topology: Topology, name: str, value: str, source_dir: Path
) -> tuple[Topology, Feed | None]:
    """Replace a component by rows of a file, or by ``package.module.Class[field,...]``; the fields may be missing."""
    from simulator.engine import read_rows
    from simulator.model import Stream

    try:
        if _is_file(value):
            return read_rows(topology, name, Path(value))
        cls, bracket, fields = value.removesuffix("]").partition("[")
        names = tuple(filter(None, (field.strip() for field in fields.split(","))))
        outputs = {"default": Stream(names)} if bracket else None
        stubbed = topology.replace(name, command=_command(cls), python_class=cls, outputs=outputs)
        _check_class(cls, source_dir)
        return stubbed, None
    except ValueError as error:
        found = str(error).removeprefix(f"{value}: ")
        at_a_row = found.startswith(f"{value}:")
        raise UsageError(found if at_a_row else f"--stub {name}={value}: {found}") from None


def _check_class(cls: str, source_dir: Path) -> None:
    if os.path.isfile(cls):
        raise ValueError("expected rows in a .jsonl file, or package.module.Class")
    try:
        find_class(cls, source_dir)
    except NotPythonError:
        pass  # which is among the findings about all classes
    except SourceError as error:
        raise ValueError(str(error)) from None


def _command(cls: str) -> list[str]:
    return [sys.executable, "-m", "streamparse.run", cls]


def surroundings(
    args: argparse.Namespace, project: Project, options: RunOptions, topology: Topology
) -> AbstractContextManager[object]:
    """What components in this process need around them."""
    if args.in_process:
        return _in_process(project, options.conf, topology.components)
    return contextlib.nullcontext()


def check_virtual_time(args: argparse.Namespace) -> None:
    """Refuse ``--virtual-time`` where it cannot be had.

    Raises:
        UsageError: time-machine is not installed.
    """
    if args.virtual_time and find_spec("time_machine") is None:
        raise UsageError(
            "--virtual-time needs time-machine, which is not installed: pip install time-machine"
        )


@contextlib.contextmanager
def virtual_clock(args: argparse.Namespace) -> Iterator[SharedClock | None]:
    """The clock of ``--virtual-time``; None without."""
    check_virtual_time(args)
    if not args.virtual_time:
        yield None
        return
    from streamparse.virtual_time import SharedClock

    clock = SharedClock()
    try:
        yield clock
    finally:
        clock.close()


@contextlib.contextmanager
def _in_process(
    project: Project, conf: Mapping[str, object], components: Iterable[str]
) -> Iterator[None]:
    """Show what components print or log in this process as if they had processes of their own."""
    import logging

    from streamparse import aliases
    from streamparse.storm import LogStream, StormHandler
    from streamparse.storm.logs import is_logged, level_of

    handler = StormHandler()
    handler._is_beside = True
    handler.addFilter(lambda record: not getattr(record, "reported", False))
    root = logging.getLogger()
    root.addHandler(handler)
    handler.addFilter(is_logged)
    is_debug = conf.get("topology.debug") is True
    root.setLevel(min(level_of(each, conf, is_debug=is_debug) for each in components))
    sys.path.insert(0, str(project.source_dir))
    aliases.install(project.aliases)
    hook, sys.breakpointhook = sys.breakpointhook, _breakpoint
    try:
        with contextlib.redirect_stdout(LogStream(logging.getLogger("streamparse.stdout"))):
            yield
    finally:
        sys.breakpointhook = hook
        root.removeHandler(handler)
        sys.path.remove(str(project.source_dir))
        aliases.install({})


def _breakpoint(*args: object, **kwargs: object) -> None:
    """Handle ``breakpoint()``: stdout belongs to the components here, so the debugger uses stderr."""
    import pdb

    debugger = pdb.Pdb(stdin=sys.__stdin__, stdout=sys.__stderr__)
    debugger.set_trace(sys._getframe(1))


def pin_hash_seed() -> None:
    """Restart with the hash seed that component processes have, so that sets are iterated in the same order."""
    is_own_process = sys.argv[1:2] in (["simulate"], ["capacity"], ["explore"])
    if is_own_process and os.environ.get("PYTHONHASHSEED") != "0":
        words = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, words, {**os.environ, "PYTHONHASHSEED": "0"})

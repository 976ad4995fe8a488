"""The ``sparse`` command: the table of commands, and the handling of errors.

A command is a module with ``add_arguments(parser)`` and ``run(args) -> int``. Only the module of the command that is
run is loaded, and argparse with it, so that help is printed at once. A mistake of the user is one line on stderr and
exit status 2; a mistake of this program is a traceback.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections import namedtuple
from importlib import import_module

from streamparse.cli.colour import RED, painted
from streamparse.cli.streams import OutputError, forget_stdout, secure_standard_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

__all__ = ["COMMANDS", "EXIT_STATUSES", "Command", "main"]


class Command(namedtuple("Command", ("name", "module", "help"))):
    """A sub-command; its module is loaded when it is run."""

    __slots__ = ()
    if TYPE_CHECKING:
        name: str
        module: str
        help: str


COMMANDS = (
    Command("quickstart", "streamparse.cli.quickstart", "make a new project"),
    Command("new", "streamparse.cli.new", "write a bolt or a spout, with a test"),
    Command("simulate", "streamparse.cli.simulate", "run a topology here, without a JVM"),
    Command(
        "capacity", "streamparse.cli.capacity", "find how many tuples a second a topology holds"
    ),
    Command(
        "explore",
        "streamparse.cli.explore",
        "look for what faults and schedules break in a topology",
    ),
    Command(
        "doctor", "streamparse.cli.doctor", "look for what is wrong with a project and its cluster"
    ),
    Command(
        "trace",
        "streamparse.cli.trace",
        "look at the trace of a simulation: summary, trees, events",
    ),
    Command("diff", "streamparse.cli.diff", "find the first difference between two traces"),
    Command("page", "streamparse.cli.page", "show a run on a page, from the file of its trace"),
    Command("visualize", "streamparse.cli.visualize", "draw a topology"),
    Command(
        "convert",
        "streamparse.cli.convert",
        "write a Clojure topology as a Python class, or the other way round",
    ),
    Command("run", "streamparse.cli.run", "run a topology here, in a real Storm's LocalCluster"),
    Command("submit", "streamparse.cli.submit", "take a topology to a cluster"),
    Command("list", "streamparse.cli.list", "list the topologies that run on a cluster"),
    Command("kill", "streamparse.cli.kill", "stop a topology on a cluster"),
    Command("jar", "streamparse.cli.jar", "build the jar that a submit takes to the cluster"),
    Command(
        "update_virtualenv",
        "streamparse.cli.update_virtualenv",
        "build the packages of a topology for all workers",
    ),
    Command("tail", "streamparse.cli.tail", "show the end of a topology's logs on all workers"),
    Command(
        "remove_logs", "streamparse.cli.remove_logs", "remove a topology's logs on all workers"
    ),
    Command(
        "recordings",
        "streamparse.cli.recordings",
        "list, fetch, show and prune recordings of components",
    ),
    Command(
        "stats", "streamparse.cli.stats", "show what Storm's UI knows of a cluster or topology"
    ),
    Command(
        "worker_uptime", "streamparse.cli.worker_uptime", "show how long the workers have been up"
    ),
    Command("completion", "streamparse.cli.completion", "print a script for a shell's completion"),
)

HELP = """\
usage: sparse [-h] [--version] COMMAND ...

Storm topologies in Python.

options:
  -h, --help  show this help message and exit
  --version   show the version and exit

commands:
{commands}

sparse COMMAND -h tells more of each."""

FAILED = 1
MISTAKE = 2  # argparse's own exit status, and that of most shells' commands
UNWRITTEN = 74  # EX_IOERR of sysexits.h
INTERRUPTED = 130  # what a shell reports after SIGINT: 128 + 2
UNREAD = 141  # after SIGPIPE: 128 + 13

#: What each exit status means, in Markdown; the reference is generated from it.
EXIT_STATUSES = {
    0: "The command did what it was asked to do.",
    FAILED: (
        "The command line was good, and the work failed: a component died or broke the protocol, a machine could not "
        "be reached, a tool failed. Also: `sparse diff` has found a difference; no command was given."
    ),
    MISTAKE: "A mistake in the command line, the project or the topology. Nothing has run.",
    UNWRITTEN: (
        "The output, or a file that was asked for, such as that of `--trace` or `--html`, cannot be written: the disk "
        "is full, stdout is closed. The work itself was done."
    ),
    INTERRUPTED: "Interrupted by Ctrl-C or SIGTERM.",
    UNREAD: "The reader of the output has closed it, as `head` does.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: its words; by default those of this process.

    Returns:
        The exit status.
    """
    if argv is None:
        secure_standard_streams()
    try:
        status = _run(sys.argv[1:] if argv is None else argv)
        _flush_stdout()  # here, where a reader that has gone is handled
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputError as error:
        try:
            _flush_stdout()
        except OutputError:
            forget_stdout()
        _report(error)
        return UNWRITTEN
    except BrokenPipeError:
        if not any(map(_is_unread, (sys.stdout, sys.stderr))):
            raise  # another pipe, so a mistake of this program
        _forget_output()
        return UNREAD
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        _forget_output(full=True)
        print(f"error: the output cannot be written: {error.strerror}", file=sys.stderr)
        return FAILED
    except Exception as error:
        if (failed := _reported(error)) is None:
            raise
        return failed


def _run(argv: Sequence[str]) -> int:
    # No option in front of the command takes a value: the first plain word is the command.
    place = next((at for at, word in enumerate(argv) if not word.startswith("-")), len(argv))
    options = argv[:place]
    if "-h" in options or "--help" in options:
        return _show_help()
    if strange := [each for each in options if each != "--version"]:
        raise _usage_error(f"unrecognized arguments: {' '.join(strange)}; see sparse -h")
    if options:
        return _show_version()
    if place == len(argv):
        _show_help()
        return 1  # as in 2.1.3: nothing was done
    return _run_command(_command(argv[place]), argv[place + 1 :])


def _run_command(command: Command, argv: Sequence[str]) -> int:
    from streamparse.cli.arguments import HelpShown, Parser, add_talk_arguments
    from streamparse.cli.output import talking

    module = import_module(command.module)
    description = f"{command.help[0].upper()}{command.help[1:]}."
    parser = Parser(prog=f"sparse {command.name}", description=description)
    module.add_arguments(parser)
    add_talk_arguments(parser)
    try:
        args = parser.parse_intermixed_args(argv)
        args.words = argv  # for a command that runs itself again
    except HelpShown:
        return 0
    with talking(is_quiet=args.quiet, is_verbose=args.verbose):
        status: int = module.run(args)
    return status


def _show_help() -> int:
    width = max(len(each.name) for each in COMMANDS)
    print(
        HELP.format(commands="\n".join(f"  {each.name:{width}}  {each.help}" for each in COMMANDS))
    )
    return 0


def _show_version() -> int:
    from streamparse import __version__

    print(f"sparse {__version__}")
    return 0


def _command(name: str) -> Command:
    commands = {each.name: each for each in COMMANDS}
    if name not in commands:
        from streamparse.project import instead_of

        raise _usage_error(f"no command {name!r}; {instead_of(name, commands, len(commands))}")
    return commands[name]


# -- errors ------------------------------------------------------------------------------------------------------


def _usage_error(line: str) -> Exception:
    from streamparse.project import UsageError

    return UsageError(line)


def _reported(error: Exception) -> int | None:
    """Print an error that the user can do something about, and return its exit status; else return None."""
    from streamparse.project import OperationError, ProjectError, UsageError

    if isinstance(error, OperationError):
        _report(error)
        for line in error.output.rstrip().splitlines():
            print(f"    {line}".rstrip(), file=sys.stderr)
        return FAILED
    # They are loaded, if the error is one of theirs.
    transports, model = map(sys.modules.get, ("simulator.transports", "simulator.model"))
    if transports and isinstance(error, transports.ResourceError):
        _report(error)
        return FAILED
    mistakes = (UsageError, ProjectError, *([model.TopologyError] if model else []))
    if isinstance(error, mistakes):
        _report(error)
        return MISTAKE
    return None


def _report(error: Exception) -> None:
    _flush_stdout()  # so that the result comes before the error
    label = painted("error:", RED, sys.stderr)
    for problem in getattr(error, "problems", (error,)):
        print(label, " ".join(str(problem).splitlines()), file=sys.stderr)


def _flush_stdout() -> None:
    if sys.stdout is not None:  # it is None when the parent process has closed it
        sys.stdout.flush()


def _is_unread(stream: IO[str]) -> bool:
    """Return True for a pipe that has lost its reader."""
    import select

    try:
        poll = select.poll()
        poll.register(stream, select.POLLOUT)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (OSError, TypeError, ValueError):  # no file: a test's buffer, or closed
        return False


def _print_any_text() -> None:
    """Have characters that the terminal's encoding lacks printed as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_output(*, full: bool = False) -> None:
    """Have what cannot be written go nowhere.

    Args:
        full: the disk of stdout is full; else the reader of a pipe has gone.
    """
    # The interpreter flushes once more as it ends, and prints an error otherwise.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if _is_unread(stream) or (full and stream is sys.stdout):
            os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    sys.exit(main())

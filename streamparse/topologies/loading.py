"""The child process in which the file of a topology is run: it imports the file, and answers with what its class says.

Everything of ours is loaded before the directories of the user are on ``sys.path``.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib.util
import linecache
import os
import re
import signal
import struct
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from pickle import dumps
from types import FrameType, ModuleType
from typing import Any

from simulator.model import Place, Problem, did_you_mean, nearest
from streamparse import aliases
from streamparse.dsl import ClassMistakes, Topology, TopologyType, kind_of
from streamparse.project import explain, python_3_name
from streamparse.topologies.draft import Draft, draft_of, shown_file

__all__ = ["LENGTH", "serve"]

LENGTH = struct.Struct("!Q")  # in front of the answer
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # of Linux's <sys/prctl.h>
_LIBRARIES = ("site-packages", "dist-packages")
_KNOWN_NAMES = ("pystorm", "pystorm_a8c")  # of packages that have the same classes

Request = Mapping[str, Any]  # from the parent process; both ends are in this package
Answer = Draft | list[Problem]


def serve(request: Request) -> None:
    """Read a topology, and write the answer to the pipe of the request; this process then ends.

    Args:
        request: ``file`` and ``path`` (as it is shown), ``directories`` for ``sys.path``, ``project``, ``aliases``,
            ``pipe`` and ``stacks``, two descriptors, ``parent``, with which this process ends, and ``seconds``, after
            which it ends in any case.
    """
    is_bound = _bind_to(request["parent"])
    sys.dont_write_bytecode = True  # reading leaves nothing in the project
    faulthandler.enable(request["stacks"])
    faulthandler.dump_traceback_later(request["seconds"], exit=True, file=request["stacks"])
    pid = os.getpid()
    aliases.install(request["aliases"])
    first, last = request["directories"]
    sys.path[:0] = [first]
    sys.path.append(last)
    try:
        answer: Answer = _answer(request)
    finally:
        if os.getpid() != pid:
            os._exit(0)  # a process that the file has forked
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(
            OSError, ValueError, AttributeError
        ):  # the file may have closed it
            stream.flush()
    data = dumps(answer)
    _write(request["pipe"], LENGTH.pack(len(data)) + data)  # the parent then ends this process
    while is_bound:
        signal.pause()  # so that what it has started can be found below it
    os._exit(0)  # whatever threads the file has left


def _bind_to(parent: int) -> bool:
    """Have this process die with its parent, and adopt what its descendants leave behind; False off Linux."""
    if sys.platform != "linux":
        return False
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    failed = prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) or prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != parent:  # it has ended before this process could be told
        os._exit(1)
    return not failed


def _write(pipe: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]


def _answer(request: Request) -> Answer:
    path, file = request["path"], request["file"]
    try:
        module, mistakes = _run(Path(file))
        found = mistakes.topology if mistakes else _class_of(module, path)
    except _NoTopology as refused:
        return refused.problems
    except BaseException as error:  # the file may do anything
        return [_problem(error, request)]
    assert isinstance(found, TopologyType)
    draft = draft_of(
        found,
        name=Path(file).stem,
        file=file,
        path=path,
        python="python",
        mistakes=mistakes.mistakes if mistakes else (),
        own_module=module.__name__,
    )
    return _with_files(draft, request)


def _run(file: Path) -> tuple[ModuleType, ClassMistakes | None]:
    """Run the file as a module; return it, and the mistakes in its class."""
    name = _module_name(file)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    loaded = dict(sys.modules)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ClassMistakes as mistakes:
        if mistakes.topology.__module__ != module.__name__:
            raise
        return module, mistakes
    finally:
        sys.modules.update(loaded)  # what is needed for the answer, whatever the file has done
    return module, None


def _module_name(file: Path) -> str:
    """The name of the file as a module: its own, unless that is another module's, such as ``src/shop.py``."""
    try:
        found = importlib.util.find_spec(file.stem)
    except (ImportError, ValueError):  # a name with dots
        return f"topology_{file.stem.replace('.', '_')}"
    is_free = found is None or found.origin == str(file)
    return file.stem if is_free else f"topology_{file.stem}"


def _with_files(draft: Draft, request: Request) -> Draft:
    """Add the files that were read to a draft."""
    from dataclasses import replace

    read = {request["file"]}
    for module in list(sys.modules.values()):
        file = vars(module).get("__file__") if isinstance(module, ModuleType) else None
        if isinstance(file, str) and _is_users(file, request):
            read.add(file)
    stamps = []
    for file in sorted(read):
        try:
            status = os.stat(file)
        except OSError:
            continue
        stamps.append((file, status.st_mtime_ns, status.st_size))
    return replace(draft, files=tuple(stamps))


# -- which class -------------------------------------------------------------------------------------------------


class _NoTopology(Exception):
    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = list(problems)


def _class_of(module: ModuleType, path: str) -> TopologyType:
    """Return the topology of a module: the class that it defines itself.

    Raises:
        _NoTopology: there is none, or there are several.
    """
    every = [each for each in vars(module).values() if isinstance(each, TopologyType)]
    every = [each for each in dict.fromkeys(every) if each is not Topology]
    own = [each for each in every if each.__module__ == module.__name__]
    found = [each for each in own if each.specs] or own
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.__name__ for each in found)
        finding = f"{len(found)} topologies in one file: {names}"
        raise _NoTopology(Problem(Place(path), None, finding, "give each a file of its own"))
    finding = "no class in it derives from Topology"
    if every:
        first = every[0]
        finding = f"{first.__name__} is imported from {first.__module__}, and no class of this file is a topology"
    raise _NoTopology(
        Problem(Place(path), None, finding, "expected class WordCount(Topology): ... in this file")
    )


# -- what went wrong ---------------------------------------------------------------------------------------------


def _problem(error: BaseException, request: Request) -> Problem:
    """Return one line about what the file has raised."""
    place = _place_of(error, request)
    for kind, explained in _EXPLAINED.items():
        if isinstance(error, kind):
            return explained(error, place, request)
    return _other(error, place, request)


def _other(error: BaseException, place: Place, request: Request) -> Problem:
    return Problem(place, None, _in_one_line(error), "a topology's file is run to be read")


def _in_one_line(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # the text is user code, too
        lines = []
    about = f": {lines[0]}" if lines else ""
    return f"{type(error).__name__}{about}"


def _missing_module(error: BaseException, place: Place, request: Request) -> Problem:
    name = getattr(error, "name", None) or str(error)
    first = name.partition(".")[0]
    if older := python_3_name(first):
        return Problem(place, None, *older)
    remedy = "install it beside sparse, or put it into src/"
    if first == "src":
        remedy = "names begin below src/, as in: from bolts.wordcount import WordCounter"
    if first in _KNOWN_NAMES:
        remedy = f'"aliases": {{"{first}": "streamparse"}} in config.json takes streamparse for it'
    return Problem(place, None, f"imports {name}, and there is no such module", remedy)


def _import_error(error: BaseException, place: Place, request: Request) -> Problem:
    found = str(error).partition(" (")[0]
    if "relative import" in found:
        remedy = "names begin below topologies/ or src/: from helpers import ..."
        return Problem(place, None, found, remedy)
    name = getattr(error, "name", None)
    if not isinstance(name, str) or getattr(error, "path", None) is None:
        return _other(error, place, request)
    module = sys.modules.get(name)
    if module is None:  # its own import has failed by this one
        remedy = f"{name} imports what imports it again: import the module instead, or move the name into a third"
        return Problem(place, None, found, remedy)
    # Before Python 3.12 only the text has the name.
    missing = re.match(r"cannot import name '(.+?)' from", found)
    near = _near(missing[1], module) if missing else ""
    return Problem(place, None, f"{found}{near}", f"expected a name that {name} has")


def _unknown_attribute(error: BaseException, place: Place, request: Request) -> Problem:
    name = getattr(error, "name", None)
    near = _near(name, getattr(error, "obj", None)) if isinstance(name, str) else ""
    found = f"{_in_one_line(error)}{near}"
    return Problem(place, None, found, "a topology's file is run to be read")


def _near(name: str, owner: object) -> str:
    """Return a hint at the attribute that is most like a name, in whatever case."""
    try:
        every = [*getattr(owner, "__all__", ()), *dir(owner)]
        names = {each.lower(): each for each in every if not each.startswith("_")}
    except Exception:  # the attributes are user code, too
        return ""
    near = nearest(name.lower(), names)
    return "" if near is None else f' (did you mean "{names[near]}"?)'


def _unknown_name(error: BaseException, place: Place, request: Request) -> Problem:
    name = getattr(error, "name", None)
    frame = _frame_of(error, request)
    if not isinstance(name, str) or frame is None:
        return _other(error, place, request)
    near = did_you_mean(name, {**frame.f_globals, **frame.f_locals})
    remedy = "expected a name that is defined above"
    if frame.f_code.co_filename == request["file"] and re.search(
        rf"^\s+{re.escape(name)}\s*=", "".join(linecache.getlines(request["file"])), re.MULTILINE
    ):
        remedy = f'a component that is defined below is taken by its id: GlobalStreamId("{name}", "default")'
    return Problem(place, None, f"the name {name} is not defined{near}", remedy)


def _exit(error: BaseException, place: Place, request: Request) -> Problem:
    code = getattr(error, "code", None)
    shown = "" if code is None else kind_of(code)
    found = f"ends the process: sys.exit({shown})"
    return Problem(place, None, found, "a topology's file is run to be read, and must not end")


def _syntax(error: BaseException, place: Place, request: Request) -> Problem:
    assert isinstance(error, SyntaxError)
    file = error.filename or request["file"]
    try:
        found = explain(error, Path(file).read_bytes())
    except OSError:
        return Problem(place, None, f"no Python: {error.msg}")
    shown = Place(shown_file(file, request["path"]), found.line)
    return Problem(shown, None, found.found, found.remedy)


_EXPLAINED: Mapping[type[BaseException], Callable[[BaseException, Place, Request], Problem]] = {
    ModuleNotFoundError: _missing_module,
    ImportError: _import_error,
    NameError: _unknown_name,
    AttributeError: _unknown_attribute,
    SystemExit: _exit,
    SyntaxError: _syntax,
}


def _place_of(error: BaseException, request: Request) -> Place:
    """The innermost line of the user's that an error has passed."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    for frame in frames:
        if _is_users(frame.filename, request):
            return Place(shown_file(frame.filename, request["path"]), frame.lineno or 0)
    return Place(request["path"])


def _frame_of(error: BaseException, request: Request) -> FrameType | None:
    """The innermost frame of the user's that an error has passed."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    users = (each for each in reversed(frames) if _is_users(each.f_code.co_filename, request))
    return next(users, None)


def _is_users(file: str, request: Request) -> bool:
    if file == request["file"]:
        return True
    parts: Sequence[str] = Path(file).parts
    is_library = any(part in _LIBRARIES for part in parts)
    return file.startswith(f"{request['project']}{os.sep}") and not is_library


def frames_of(stacks: str) -> Iterator[tuple[str, int]]:
    """Yield file and line of the frames in a dump of faulthandler, the innermost of each thread first."""
    for line in stacks.splitlines():
        head, _, rest = line.strip().partition('File "')
        file, _, number = rest.partition('", line ')
        digits = number.partition(" ")[0]
        if not head and digits.isdecimal():
            yield file, int(digits)

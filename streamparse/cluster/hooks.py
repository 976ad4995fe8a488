"""A project's hooks around a submit: ``pre_submit`` and ``post_submit`` in its tasks.py and fabfile.py.

The files are user code: an error in them is reported with file and line, and with frames of the user's code only.
While one of them runs, modules are imported from its directory first; afterwards the modules that came from there are
removed, so that another project's modules of the same name are loaded anew.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import inspect
import itertools
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Literal

from streamparse.project import CONTEXTS, HOOK_FILES, HOOK_PARAMETERS, OperationError

__all__ = ["run_hooks"]


def run_hooks(
    when: Literal["pre_submit", "post_submit"],
    topology_name: str,
    env_name: str,
    env_config: dict[str, object],
    directory: Path,
    *,
    options: Mapping[str, object] | None = None,
) -> None:
    """Call the hooks of this name in a project's tasks.py, then in its fabfile.py, where there are any.

    A hook is a function of ``topology_name``, ``env_name`` and ``env_config``, and of ``options`` if it has a parameter
    of that name. It may be a task of invoke or fabric, which then gets a context.

    Args:
        when: the name of the hook.
        topology_name: of the topology that is submitted.
        env_name: of the environment.
        env_config: the environment's section of ``config.json``; a hook may change it.
        directory: of the project.
        options: the settings of the topology.

    Raises:
        OperationError: a file cannot be loaded, or a hook raised something, ``SystemExit`` included.
    """
    given = (topology_name, env_name, env_config)
    for name in HOOK_FILES:
        path = (directory / name).absolute()
        if not path.is_file():
            continue
        with _explained(path), _importing_from(path.parent):
            hook = getattr(_loaded(path, path.stat().st_mtime_ns), when, None)
            if callable(hook):
                _call(path, when, hook, given, options or {})


@functools.cache  # both hooks of a file share what it keeps between them
def _loaded(path: Path, _changed_ns: int) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None, path  # it ends in .py
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # while it is loaded, as import does
    spec.loader.exec_module(module)
    return module


def _call(
    path: Path,
    when: str,
    hook: Callable[..., object],
    given: tuple[str, str, dict[str, object]],
    options: Mapping[str, object],
) -> None:
    function = _body(hook)
    signature = inspect.signature(function)
    in_front = [_context()] if function is not hook and {*signature.parameters} & CONTEXTS else []
    more = {"options": dict(options)} if "options" in signature.parameters else {}
    try:
        call = signature.bind(*in_front, *given, **more)
    except TypeError as error:
        finding = f"{_relative(path)}: {when}{signature} cannot be called: {error}"
        raise OperationError(f"{finding}; expected {when}{HOOK_PARAMETERS}") from None
    function(*call.args, **call.kwargs)


def _body(hook: Callable[..., object]) -> Callable[..., object]:
    """Return the function in a task of invoke's or fabric's; anything else is a function already."""
    invoke = sys.modules.get("invoke")  # it is loaded, if there is a task
    if invoke is not None and isinstance(hook, invoke.Task):
        body: Callable[..., object] = hook.body
        return body
    return hook


def _context() -> object:
    from invoke.context import Context

    return Context()


@contextlib.contextmanager
def _importing_from(directory: Path) -> Iterator[None]:
    path, modules = [*sys.path], {*sys.modules}
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in sys.modules.keys() - modules:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(directory):
                del sys.modules[name]


# -- what went wrong ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OperationError:
        raise
    except SystemExit as error:
        reason = f": {error.code}" if error.code else ""
        raise OperationError(f"{_place(path, error)}: stopped here{reason}") from error
    except Exception as error:
        words = traceback.format_exception_only(error)[-1].strip()
        raise OperationError(
            f"{_place(path, error)}: {words}{_advice(error)}", _users_traceback(path, error)
        ) from error


def _frames(path: Path, error: BaseException) -> traceback.StackSummary:
    """The frames from the first one in the user's file on."""
    frames = traceback.extract_tb(error.__traceback__)
    users = itertools.dropwhile(lambda frame: frame.filename != str(path), frames)
    return traceback.StackSummary.from_list([*users])


def _place(path: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_relative(Path(error.filename))}:{error.lineno}"
    below = str(path.parent)
    lines = [frame for frame in _frames(path, error) if frame.filename.startswith(below)]
    return f"{_relative(Path(lines[-1].filename))}:{lines[-1].lineno}" if lines else _relative(path)


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _users_traceback(path: Path, error: BaseException) -> str:
    last = traceback.format_exception_only(error)
    return "".join(["Traceback (most recent call last):\n", *_frames(path, error).format(), *last])


def _advice(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        if error.name.startswith("fabric."):
            return "; fabric 2 and later have Connection and task in fabric itself"
        if not error.name.startswith("streamparse"):
            return f"; install it beside sparse, or do without {error.name}"
    return ""

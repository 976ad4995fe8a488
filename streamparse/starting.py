"""The start of a component, the same as a process and in process: find what a dotted name names, call it, check it.

Both transports use these functions: ``streamparse.run`` in a process of its own, the simulator for components in its
own process. So a mistake has the same words in both. Every component process imports this module: it stays light.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

__all__ = [
    "NEEDED",
    "MissingMethodError",
    "Runnable",
    "StartError",
    "check_callable",
    "check_kind",
    "error_text",
    "find",
    "make",
    "missing_method",
    "wrong_kind",
]


_NEEDED = """
__future__ abc codecs collections contextlib contextvars copyreg encodings enum fnmatch functools
genericpath importlib io keyword linecache logging ntpath operator os pathlib posixpath re reprlib runpy
sre_compile sre_constants sre_parse stat string threading token tokenize traceback types typing warnings
weakref zipimport
"""
#: The modules of the standard library that no component process can do without, in any version of Python.
NEEDED = frozenset(_NEEDED.split())


class StartError(Exception):
    """There is no component to start: one line that says why, and what was expected."""


class MissingMethodError(StartError, NotImplementedError):
    """A component lacks the method that its kind needs."""


class Runnable:
    """The base of components, as what runs them sees it: a simulator in its own process uses nothing else of them.

    Attributes:
        _kind: "spout" or "bolt"; None where a class is neither.
        _is_made: whether the constructor of the base class has run.
        _is_recorded: whether what it reads and sends is recorded, message by message.
        exit_on_exception: whether an exception in a turn ends the component. False: it is reported, and what was being
            processed is failed, and the component goes on. Default True.
    """

    exit_on_exception = True

    _kind: str | None = None
    _is_made = False
    _is_recorded = False
    _pending_commands: deque[Any]  # that were read, and wait for their turns

    def _start(self) -> None:
        """Complete the handshake, set up, initialize."""
        raise NotImplementedError

    def _run(self) -> None:
        """Take one turn of the loop."""
        raise NotImplementedError

    def _take_one_turn(self) -> None:
        """Take one turn of the loop, and go on after an exception where the class says so."""
        try:
            self._run()
        except Exception as error:  # whatever the user's code raises
            if self.exit_on_exception:
                raise
            self._go_on_after(error)

    def _take_turns(self, messages: Collection[object]) -> None:
        """Take turns until everything is done that was read already, or is one of the messages to read."""
        while messages or self._pending_commands:
            self._take_one_turn()

    def _go_on_after(self, exc: Exception) -> None:
        """Report to Storm an exception that does not end this component."""
        self._handle_run_exception(exc)

    def _end_recording(self, why: str) -> None:
        """Write the end of the recording, where there is one that has not ended."""
        raise NotImplementedError

    def _handle_run_exception(self, exc: Exception) -> None:
        """Report to Storm an exception that is about to end this component."""
        raise NotImplementedError


def find(name: str) -> Callable[[], object]:
    """Return what ``package.module.Name`` names: a class, or a function that makes a component.

    Raises:
        StartError: there is no such module, no such name in it, or it makes no component.
        Exception: whatever the module raises.
    """
    from importlib import import_module

    module_name, _, attribute = name.rpartition(".")
    if not module_name:
        raise StartError(f"{name!r} is no dotted name; expected package.module.Class")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        if not f"{module_name}.".startswith(f"{error.name}."):
            raise  # of an import in the module
        raise StartError(f"{error}; expected it in src/, or installed") from None
    try:
        found = getattr(module, attribute)
    except AttributeError:
        place = getattr(module, "__file__", None) or "built in"
        raise StartError(f"module {module_name} ({place}) has no class {attribute}") from None
    try:
        check_callable(found, name)
    except StartError as error:
        path = getattr(module, "__file__", None)
        raise StartError(f"{path}: {error}" if path else str(error)) from None
    return found  # type: ignore[no-any-return]  # callable, as checked


def check_callable(found: object, name: str) -> None:
    """Refuse what can make no component: what cannot be called, and classes that do not derive from the base.

    Raises:
        StartError: it names what was found.
    """
    if isinstance(found, type):
        if not issubclass(found, Runnable):
            raise StartError(f"{name} is no component: it derives from neither Bolt nor Spout")
    elif isinstance(found, Runnable):
        cls = type(found).__name__
        raise StartError(f"{name} is an instance of {cls}; expected the class, {cls} without ()")
    elif not callable(found):
        what = type(found).__name__
        raise StartError(
            f"{name} is a {what}; expected a class, or a function that returns a Bolt or a Spout"
        )


def make(found: Callable[[], object], name: str) -> Runnable:
    """Return the component that a class or a function makes, without any arguments.

    Raises:
        StartError: it is no component, or its constructor does not call that of its base class.
        Exception: whatever the constructor raises.
    """
    try:
        component = found()
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise  # in the constructor, not at the call
        remedy = (
            "expected a class that has all its methods"
            if getattr(found, "__abstractmethods__", None)
            else f"expected that {name}() needs no arguments"
        )
        raise StartError(f"{_place(found)}{error}; {remedy}") from None
    if not isinstance(component, Runnable):
        what = "None" if component is None else f"a {type(component).__name__}"
        raise StartError(f"{_place(found)}{name}() returned {what}; expected a Bolt or a Spout")
    if not component._is_made:
        raise StartError(_not_made(type(component)))
    return component


def _not_made(cls: type) -> str:
    owner = next(each for each in cls.__mro__ if "__init__" in vars(each))
    code = getattr(owner.__init__, "__code__", None)  # type: ignore[misc]  # of a class, not of an instance
    place = f"{code.co_filename}:{code.co_firstlineno}: " if code else ""
    return (
        f"{place}{owner.__name__}.__init__ does not call super().__init__(); expected it as the first statement "
        "(or put this code into initialize)"
    )


def check_kind(component: Runnable, context: Mapping[str, Any]) -> None:
    """Refuse a spout in the place of a bolt, as far as the handshake tells; the first tuple or command tells the rest.

    Args:
        context: from the handshake; from Storm 0.10 on it lists the inputs, which only bolts have.

    Raises:
        StartError: it names the class and both kinds.
    """
    if component._kind == "spout" and context.get("source->stream->grouping"):
        raise wrong_kind(component, "bolt")


def wrong_kind(component: Runnable, place: str) -> StartError:
    """Return the error for a component in the place of another kind."""
    cls = type(component)
    return StartError(
        f"{cls.__module__}.{cls.__qualname__} is a {component._kind}, but the topology has it as a {place}; "
        f"expected a class that derives from {place.capitalize()}"
    )


def missing_method(component: Runnable, signature: str) -> MissingMethodError:
    """Return the error for a component without the method that its kind needs.

    Args:
        component: lacks it.
        signature: how the method is called, such as ``process(self, tup)``.
    """
    cls = type(component)
    found = f"{cls.__name__} has no method {signature.partition('(')[0]}"
    return MissingMethodError(f"{_place(cls)}{found}; expected def {signature}")


def _place(found: object) -> str:
    """The file and line of a class or a function, to stand before a sentence; "" where nobody knows."""
    from inspect import getsourcefile, getsourcelines  # which are slow to load, for an error

    try:
        return f"{getsourcefile(found)}:{getsourcelines(found)[1]}: "  # type: ignore[arg-type]  # TypeError else
    except (OSError, TypeError):
        return ""


_NO_TERMINAL = (
    "pdb has no terminal in a component process; use breakpoint() with remote_pdb (pip install remote-pdb), "
    "or run components in process (sparse simulate --in-process, pytest --storm-mode=inprocess)"
)


def error_text(error: BaseException, about: str = "") -> str:
    """Return the text of an ``error`` message: what was raised, and the traceback; a StartError is one line.

    Args:
        about: of the tuples that were being processed.
    """
    if isinstance(error, StartError):
        return f"{error}\n"
    from traceback import format_exception

    from streamparse.multilang import HOST

    if type(error).__name__ == "BdbQuit" and not error.args and HOST.get().streams is None:
        error.args = (_NO_TERMINAL,)
    return f"Python {type(error).__name__} raised{about}\n{''.join(format_exception(error))}"

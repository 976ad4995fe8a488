"""The pytest plugin: options, the ``storm`` fixture, and what a failing test shows.

Every pytest run of an environment with streamparse loads this module, so it loads nothing: the simulator comes with
the first test that asks for ``storm``. What there is to say about a Storm, ``streamparse.testing`` says; how
differences read is in ``pytest_streamparse.explain``.
"""

from __future__ import annotations

import os
import shlex
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_streamparse import StormWarning

if TYPE_CHECKING:
    import pluggy

    from streamparse.testing import Storm

MODES = ("inprocess", "process", "both")
MARKER = (
    "storm(mode=..., seed=..., storm=..., virtual_time=...): how the storm fixture of this test runs, as which Storm "
    "version, and whether your own code sees its clock"
)
MARKED = "mode=, seed=, storm= and virtual_time="
HANG_SECONDS = "10"


# -- settings ---------------------------------------------------------------------------------------------------


class Settings(NamedTuple):
    """What options and ini say; None where they say nothing."""

    mode: str | None
    seed: int | None
    version: str | None
    hang_seconds: float
    replay: str | None
    update_golden: bool
    are_given: bool  # anything at all


SETTINGS = pytest.StashKey[Settings]()
STORM = pytest.StashKey["Storm"]()
FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("storm", "Storm components and topologies (streamparse)")
    group.addoption(
        "--storm-mode",
        metavar="MODE",
        help="how components run: inprocess, process, or both: every test of the storm fixture twice",
    )
    group.addoption(
        "--storm-seed",
        metavar="N",
        help="decides every free choice; by default each test has a seed of its own, made of its name",
    )
    group.addoption(
        "--storm-replay",
        metavar="FILE",
        help="run a case that storm.explore has written, and nothing else of it",
    )
    group.addoption(
        "--storm-update-golden",
        action="store_true",
        default=False,
        help="write the files of storm.golden anew instead of comparing with them",
    )
    parser.addini("storm_mode", "how components run: inprocess, process or both", default="")
    parser.addini("storm_version", "the Storm version to behave like, such as 2.8.3", default="")
    parser.addini(
        "storm_hang_seconds",
        "seconds without a sign of life after which a component counts as hung, without those in which it waits for "
        "a processor; 0: never",
        default=HANG_SECONDS,
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the sources of the projects under test on sys.path, before any conftest is imported."""
    args = getattr(early_config.known_args_namespace, "file_or_dir", None)
    starts = [early_config.rootpath, early_config.invocation_params.dir]
    for arg in args or early_config.getini("testpaths"):
        starts.append(early_config.invocation_params.dir / str(arg).partition("::")[0])
    for source in dict.fromkeys(filter(None, map(_source_of, starts))):
        if source not in sys.path:
            sys.path.insert(0, source)
            early_config.add_cleanup(partial(_forget_path, source))


def _source_of(start: Path) -> str | None:
    """The ``src`` directory of the nearest project at or above a path."""
    for directory in (start, *start.parents):
        if _is_project(directory):
            source = directory / "src"
            return str(source.resolve()) if source.is_dir() else None
    return None


def _is_project(directory: Path) -> bool:
    """Whether this is a project of ours: many a program has a config.json."""
    config = directory / "config.json"
    if not config.is_file():
        return False
    return (directory / "topologies").is_dir() or b'"topology_specs"' in config.read_bytes()


def _forget_path(entry: str) -> None:
    if entry in sys.path:
        sys.path.remove(entry)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    mode, version = config.getini("storm_mode"), config.getini("storm_version")
    option, seed = config.getoption("--storm-mode"), config.getoption("--storm-seed")
    hang_seconds = config.getini("storm_hang_seconds")
    replay, update = config.getoption("--storm-replay"), config.getoption("--storm-update-golden")
    settings = Settings(
        mode=_mode("--storm-mode", option) or _mode("ini storm_mode", mode or None),
        seed=None if seed is None else _seed("--storm-seed", seed),
        version=_version("ini storm_version", version) if version else None,
        hang_seconds=_seconds("ini storm_hang_seconds", hang_seconds),
        replay=None if replay is None else _file("--storm-replay", replay, config),
        update_golden=update,
        are_given=bool(
            mode or version or option or seed or replay or update or hang_seconds != HANG_SECONDS
        ),
    )
    if settings.hang_seconds and _debugger_is_on(config):
        settings = settings._replace(hang_seconds=0.0)
    config.stash[SETTINGS] = settings


def _mode(where: str, value: object) -> str | None:
    if value is None or value in MODES:
        return value
    raise pytest.UsageError(f"{where}={value}: one of {', '.join(MODES)} would do")


def _seed(where: str, value: object) -> int:
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise pytest.UsageError(f"{where}={value}: a whole number would do")


def _version(where: str, value: object) -> str:
    from simulator.model import profile

    try:
        return profile(str(value)).version
    except ValueError as error:
        raise pytest.UsageError(f"{where}: {error}") from None


def _truth(where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise pytest.UsageError(f"{where}={value}: True or False would do")


def _seconds(where: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < float("inf"):
        return seconds
    raise pytest.UsageError(f"{where}={value}: seconds from 0 would do; 0 is for ever")


def _file(where: str, value: str, config: pytest.Config) -> str:
    path = config.invocation_params.dir / value
    if path.is_file():
        return str(path)
    raise pytest.UsageError(f"{where}={value}: there is no such file; a case file would do")


def _debugger_is_on(config: pytest.Config) -> bool:
    """Whether somebody may be stepping through a component, so that silence means nothing."""
    if config.getoption("usepdb", False) or config.getoption("trace", False):
        return True
    if os.environ.get("PYTHONBREAKPOINT", "0") not in ("", "0"):
        return True
    monitoring = getattr(sys, "monitoring", None)  # since 3.12
    if monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID):
        return True
    # Coverage traces too, and nobody steps through that.
    tracer = sys.gettrace()
    where = f"{getattr(tracer, '__module__', '')} {type(tracer).__module__}"
    return tracer is not None and "coverage" not in where


def pytest_report_header(config: pytest.Config) -> str | None:
    settings = config.stash[SETTINGS]
    if not settings.are_given:
        return None
    parts = [
        f"mode {settings.mode}" if settings.mode else "",
        f"seed {settings.seed}" if settings.seed is not None else "",
        f"version {settings.version}" if settings.version else "",
        f"hung after {settings.hang_seconds:g} s" if settings.hang_seconds else "never hung",
        f"replaying {settings.replay}" if settings.replay else "",
        "writing golden files anew" if settings.update_golden else "",
    ]
    return "storm: " + ", ".join(filter(None, parts))


# -- the fixture ------------------------------------------------------------------------------------------------


@pytest.hookimpl(trylast=True)  # last, so that the mode is the last part of the test's name
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "_storm_mode" not in metafunc.fixturenames:
        return
    if _mode_of(metafunc.definition) == "both":
        metafunc.parametrize("_storm_mode", MODES[:2], indirect=True)


@pytest.fixture
def _storm_mode(request: pytest.FixtureRequest) -> Any:  # Any: a Mode or None; it was checked
    _fail_where_wrong(_check_markers, request.node)
    mode = getattr(request, "param", None) or _mode_of(request.node)
    # A test that asks for the fixture at run time is one test, and has one mode.
    return None if mode == "both" else mode


def _fail_where_wrong(check: Callable[[Any], object], checked: object) -> None:
    """What would end a run fails a test, in the same words: a worker of xdist's cannot end the run."""
    try:
        check(checked)
        return
    except pytest.UsageError as error:
        lines = error.args
    pytest.fail("\n".join(map(str, lines)), pytrace=False)


def _mode_of(item: pytest.Item) -> Any:  # Any: the marker's may be anything before it is checked
    return _marked(item).get("mode") or item.config.stash[SETTINGS].mode


@pytest.fixture
def storm(request: pytest.FixtureRequest, _storm_mode: Any) -> Iterator[Storm]:
    """A Storm on a table top: ``storm.bolt``, ``storm.spout``, ``storm.topology``. See docs/testing.md."""
    from streamparse.testing import Storm

    item, settings = request.node, request.config.stash[SETTINGS]
    _fail_where_wrong(_check_project, request.path.parent)
    marked = _marked(item)
    seed = marked.get("seed", settings.seed)
    with Storm(
        request.path.parent,
        mode=_storm_mode,
        seed=zlib.crc32(_plain_id(item.nodeid).encode()) if seed is None else seed,
        storm=marked.get("storm", settings.version),
        hang_seconds=settings.hang_seconds,
        virtual_time=marked.get("virtual_time", False),
        update_golden=settings.update_golden,
        replay=settings.replay,
        before_run=partial(_take_output, item),
    ) as made:
        made.again = _again(item, made)
        item.stash[STORM] = made
        yield made
    if not item.stash.get(FAILED, False):
        for line in made.unseen():
            _warn(item, line)


def _warn(item: pytest.Item, line: str) -> None:
    try:
        item.warn(StormWarning(line))
    except StormWarning:  # somebody has made an error of it: -W error
        pytest.fail(line, pytrace=False)


def _plain_id(nodeid: str) -> str:
    """A test's name without the mode that ``--storm-mode=both`` adds: both shall have the same luck."""
    for mode in MODES[:2]:
        if nodeid.endswith(f"-{mode}]"):
            return nodeid.removesuffix(f"-{mode}]") + "]"
        nodeid = nodeid.removesuffix(f"[{mode}]")
    return nodeid


def _marked(item: pytest.Item) -> Mapping[str, Any]:
    """What the storm markers of a test, its class and its module say; the nearest has the last word."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("storm"):  # the nearest comes first
        found = {**marker.kwargs, **found}
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Check the markers, and the projects under test, where a mistake is one line and no traceback."""
    if hasattr(config, "workerinput"):
        return  # a worker of xdist cannot end the run; there the fixture checks
    for item in items:
        _check_markers(item)
    for directory in dict.fromkeys(
        item.path.parent for item in items if "storm" in getattr(item, "fixturenames", ())
    ):
        _check_project(directory)


def _check_project(directory: Path) -> None:
    """Refuse a project that cannot be read, if there is one at or above a test's directory."""
    from streamparse.project import Project, ProjectError
    from streamparse.testing import project_directory

    found = project_directory(directory)
    try:
        if found is not None:
            Project.find(os.path.relpath(found))
    except ProjectError as error:
        raise pytest.UsageError(*error.problems) from None


def _check_markers(item: pytest.Item) -> None:
    for marker in item.iter_markers("storm"):
        _check_marker(f"{item.nodeid}: the marker storm", marker)


def _check_marker(where: str, marker: pytest.Mark) -> None:
    if marker.args:
        raise pytest.UsageError(f"{where} takes {MARKED}, by name")
    for name, value in marker.kwargs.items():
        check = _CHECKS.get(name)
        if check is None:
            raise pytest.UsageError(f"{where} has no {name}=; {MARKED} would do")
        check(f"{where}: {name}", value)


_CHECKS: Mapping[str, Callable[[str, object], object]] = {
    "mode": _mode,
    "seed": _seed,
    "storm": _version,
    "virtual_time": _truth,
}


# -- failures ---------------------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
    report = (yield).get_result()
    if report.failed:
        item.stash[FAILED] = True
        made = item.stash.get(STORM, None)
        if made is not None and call.when == "call":
            again = "" if made.has_said_again else f"again: {made.again}"
            if text := made.story() + again:
                report.sections.append(("storm", text.rstrip("\n")))


def _take_output(item: pytest.Item, runs: int) -> None:
    """Before a run of ``explore``: what the runs before it have written is forgotten, for hundreds may have passed.

    What was written before the first is the test's own, and kept.
    """
    plugins = item.config.pluginmanager
    texts = {}
    if (capture := plugins.getplugin("capturemanager")) is not None:
        texts["stdout"], texts["stderr"] = capture.read_global_capture()
    if (logs := plugins.getplugin("logging-plugin")) is not None:
        texts["log"] = logs.report_handler.stream.getvalue().rstrip("\n")
        logs.report_handler.reset()
    for name, text in texts.items():
        if text and runs == 0:
            item.add_report_section("call", name, text)


def _again(item: pytest.Item, made: Storm) -> str:
    """The command that runs this test again with the same luck."""
    # A node's id begins at the root directory, a command where it is typed.
    path, colons, name = _plain_id(item.nodeid).partition("::")
    here = os.path.relpath(item.config.rootpath / path, item.config.invocation_params.dir)
    parts = ["pytest", f"{here}{colons}{name}", f"--storm-seed={made.seed}"]
    if made.mode is not None:
        parts.append(f"--storm-mode={made.mode}")
    return shlex.join(parts)


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> Sequence[str] | None:
    # Who has no records has not loaded them.
    if op != "==" or "simulator.testing.records" not in sys.modules:
        return None
    from pytest_streamparse.explain import difference

    return difference(left, right, verbose=config.get_verbosity())

"""What the components of a topology import, as one zip file that is built here for the workers.

pip of the wanted Python installs the requirements into a directory, which a worker's Python of the same version can
have in its PYTHONPATH. What is compiled for another platform than the workers' is refused.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from streamparse import __version__
from streamparse.archives import undated_entry
from streamparse.cluster.causes import find_cause
from streamparse.cluster.requirements import FIRST, check_version
from streamparse.cluster.virtualenv_commands import PROGRAM, interpreter
from streamparse.project import OperationError, ProjectError

__all__ = ["archive_steps", "built_archive", "check_platform", "interpreter_here", "version_of"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

_ASK_VERSION = "import sys; print('python %d.%d' % sys.version_info[:2])"
_ASK_PIP = "import importlib.util as u; print('no' if u.find_spec('pip') is None else 'yes')"
_OPTIONS = ("--no-compile", "--disable-pip-version-check", "--no-input")  # of pip
_TAG = re.compile(r"^Tag: .*-(?P<platform>[^-\s]+)\s*$", re.MULTILINE)


def interpreter_here(flags: Sequence[str]) -> tuple[str, list[str]]:
    """Return the Python that virtualenv's flags name, by default the one that runs; and the other flags."""
    python, others = interpreter(flags)
    return (sys.executable if len(others) == len(flags) else python), others


def version_of(python: str) -> tuple[int, int]:
    """Return the version of an interpreter of this machine, such as ``(3, 12)``.

    Raises:
        OperationError: there is no such program here, or it is no Python.
    """
    if python == sys.executable:
        return sys.version_info[:2]
    try:
        output = _run([python, "-c", _ASK_VERSION], python)
    except FileNotFoundError:
        raise OperationError(f"no {python} on this machine") from None
    found = re.search(r"^python (\d+)\.(\d+)$", output, re.MULTILINE)
    if found is None:
        raise OperationError(f"{python} is no Python", output)
    return int(found[1]), int(found[2])


def archive_steps(python: str, wheel: str | None) -> list[str]:
    """Return what ``built_archive`` does, one step a line."""
    pip = " ".join([python, "-m", "pip", "install", *_OPTIONS])
    named = f"{wheel} " if wheel else ""
    return [f"{pip} --target DIRECTORY {named}-r {FIRST}", "make a zip file of DIRECTORY"]


@contextmanager
def built_archive(
    python: str,
    files: Mapping[str, bytes],
    wheel: str | None,
    platform: str,
    report: Report,
) -> Iterator[Path]:
    """Give the zip file of what requirements name, as long as the context lasts.

    Args:
        python: the interpreter whose pip installs them.
        files: what pip reads, by file name.
        wheel: the one of these that pip's command line has to name.
        platform: of the workers.
        report: called with one line of progress at a time.

    Raises:
        OperationError: pip failed, the disk is full, or there is another streamparse in it.
        ProjectError: a package is compiled for another platform.
    """
    with tempfile.TemporaryDirectory(prefix="sparse-") as name:
        directory = Path(name)
        try:
            _install(python, files, wheel, directory, report)
            site = directory / "site"
            check_platform(site, platform)
            _check_version(python, site)
            _tell_of_paths(site, report)
            _write(site, directory / "packages.zip")
        except OSError as error:
            raise OperationError(
                f"{error.filename or directory}: {error.strerror}; TMPDIR can name another directory"
            ) from None
        yield directory / "packages.zip"


def _install(
    python: str, files: Mapping[str, bytes], wheel: str | None, directory: Path, report: Report
) -> None:
    given = directory / "files"
    given.mkdir()
    for name, content in files.items():
        (given / name).write_bytes(content)
    carried = "" if wheel is None else f"streamparse {__version__} and "
    report(f"building the packages: pip of {python} takes {carried}the requirements")
    argv = [_with_pip(python, directory / "venv"), "-m", "pip", "install", *_OPTIONS]
    named = [] if wheel is None else [f"./{wheel}"]
    target = str(directory / "site")
    _run([*argv, "--target", target, *named, "-r", FIRST], "pip", given, PIP_USER="0")


def _with_pip(python: str, venv: Path) -> str:
    """The interpreter, or that of a virtualenv made of it where it has no pip."""
    if "yes" in _run([python, "-c", _ASK_PIP], python).split():
        return python
    _run([python, "-m", "venv", str(venv)], f"{python} -m venv")
    return str(venv / "bin" / "python")


def _run(argv: Sequence[str], what: str, directory: Path | None = None, **variables: str) -> str:
    """Run a program; return what it prints."""
    done = subprocess.run(
        argv,
        cwd=directory,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise OperationError(f"{what}: {find_cause(done.stdout, done.returncode)}", done.stdout)
    return done.stdout


def check_platform(site: Path, platform: str) -> None:
    """Refuse packages that are compiled for another platform, by the tags of their wheels (PEP 425, 600).

    Args:
        site: the directory in which they are installed.
        platform: of the workers, such as ``linux_x86_64``.

    Raises:
        ProjectError: with a line for each of them.
    """
    problems = []
    for wheel in sorted(site.glob("*.dist-info/WHEEL")):
        info = wheel.parent
        text = wheel.read_text(encoding="utf-8", errors="replace")
        tags = [each for tag in _TAG.findall(text) for each in tag.split(".")]
        if tags and not any(_fits(tag, platform) for tag in tags):
            package = info.name.removesuffix(".dist-info").replace("-", " ")
            problems.append(
                f"{package} is compiled for {' and '.join(dict.fromkeys(tags))}, and the workers are {platform}; build "
                'where it is compiled for them, name another "platform", or let ssh build virtualenvs on the workers'
            )
    if problems:
        raise ProjectError(problems)


def _fits(tag: str, platform: str) -> bool:
    """Whether the platform of a wheel's tag is that of the workers."""
    machine = platform.removeprefix("linux_")
    return tag == "any" or re.fullmatch(rf"(many)?linux\w*_{machine}", tag) is not None


def _check_version(python: str, site: Path) -> None:
    printed = _run([python, "-Bc", PROGRAM], "streamparse", site, PYTHONPATH=str(site))
    check_version(printed, "streamparse", "among the packages")


def _tell_of_paths(site: Path, report: Report) -> None:
    for path in sorted(site.glob("*.pth")):
        report(
            f"warning: {path.name} has no effect on a worker; Python reads it among installed packages only"
        )


def _write(site: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(site.rglob("*")):
            place = path.relative_to(site)
            if not path.is_file() or place.parts[0] == "bin" or "__pycache__" in place.parts:
                continue
            entry = undated_entry(place.as_posix())
            entry.file_size = path.stat().st_size  # which is how large ones are known
            with path.open("rb") as content, target.open(entry, "w") as written:
                shutil.copyfileobj(content, written)

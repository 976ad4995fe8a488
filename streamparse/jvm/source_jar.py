"""The jar of a submit without a JVM: the files of ``src/``, and nothing else.

The workers find their Storm's own classes, and a component that is a process needs no other.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from streamparse.archives import undated_entry
from streamparse.jvm.shipped import shipped_files
from streamparse.project import OperationError, Project, ProjectError

__all__ = ["build_source_jar", "temporary_source_jar", "write_source_jar"]

BUILD = "_build"  # of a project, as its :target-path
_MANIFEST = b"Manifest-Version: 1.0\r\nCreated-By: streamparse\r\n\r\n"


def build_source_jar(project: Project) -> Path:
    """Write the jar of a project's sources to ``_build/NAME-sources.jar``; return its path.

    Raises:
        ProjectError: as ``write_source_jar``.
        OperationError: it cannot be written.
    """
    directory = project.source_dir.parent
    jar = directory / BUILD / f"{directory.name}-sources.jar"
    content = BytesIO()
    write_source_jar(project.source_dir, content)
    try:
        jar.parent.mkdir(exist_ok=True)
        jar.write_bytes(content.getvalue())
    except OSError as error:
        raise OperationError(f"{jar}: cannot be written: {error.strerror}") from None
    return jar


@contextmanager
def temporary_source_jar(source: Path) -> Iterator[Path]:
    """Give the jar of a directory of sources, in a file that is there as long as the context lasts.

    Raises:
        ProjectError: as ``write_source_jar``.
        OperationError: the temporary directory is full.
    """
    with tempfile.NamedTemporaryFile(prefix="sparse-", suffix=".jar") as file:
        try:
            write_source_jar(source, file)
            file.flush()
        except OSError as error:
            raise OperationError(
                f"{file.name}: {error.strerror}; TMPDIR can name another directory"
            ) from None
        yield Path(file.name)


def write_source_jar(source: Path, file: IO[bytes]) -> None:
    """Write the files of a directory that are shipped into a jar, below ``resources/``, where Storm looks for them.

    The bytes depend on the names and the contents of these files alone (and on the version of zlib).

    Args:
        source: the directory.
        file: it is written to; it can be sought.

    Raises:
        ProjectError: a file cannot be shipped, or there is none.
    """
    files = shipped_files(source)
    if not files:
        raise ProjectError(
            [
                f"{source}: no file to ship; Storm makes the working directory of all components of them, so one is "
                "needed"
            ]
        )
    if unnamed := [each for each in files if not _is_utf8(each)]:
        raise ProjectError(
            f"{source}: the name of {each!a} is no UTF-8, and a jar has no other; rename it"
            for each in map(str, unnamed)
        )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(undated_entry("META-INF/MANIFEST.MF"), _MANIFEST)
        for each in files:
            entry = undated_entry(f"resources/{each.as_posix()}")
            entry.file_size = (source / each).stat().st_size  # which is how large ones are known
            with (source / each).open("rb") as content, archive.open(entry, "w") as target:
                shutil.copyfileobj(content, target)


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True

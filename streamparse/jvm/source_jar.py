"""The jar of a submit without a JVM: the files of ``src/``, and nothing else.

The workers find their Storm's own classes, and a component that is a process needs no other.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from streamparse.jvm.shipped import shipped_files
from streamparse.project import OperationError, ProjectError

__all__ = ["temporary_source_jar", "write_source_jar"]

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip file: the same sources are the same bytes
_MANIFEST = b"Manifest-Version: 1.0\r\nCreated-By: streamparse\r\n\r\n"
_MODE = 0o100644 << 16  # Storm unpacks a jar without modes


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
        archive.writestr(_entry("META-INF/MANIFEST.MF"), _MANIFEST)
        for each in files:
            entry = _entry(f"resources/{each.as_posix()}")
            entry.file_size = (source / each).stat().st_size  # which is how large ones are known
            with (source / each).open("rb") as content, archive.open(entry, "w") as target:
                shutil.copyfileobj(content, target)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, wherever it is written
    entry.external_attr = _MODE
    return entry


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True

"""The wheel of the running package, which is carried to the workers.

No index has to know this project: the one named streamparse there is another project's. The wheel is made of the files
of the package that runs, so both halves of a submission are one version. The same files give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import NamedTuple

from streamparse import __version__
from streamparse.archives import undated_entry
from streamparse.project import OperationError

__all__ = ["Wheel", "own_wheel"]

PACKAGES = ("streamparse", "simulator", "pytest_streamparse")

#: What the process of a component imports. The other dependencies are those of `sparse` and of the simulator.
NEEDED = ("simplejson",)

_TAG = "Wheel-Version: 1.0\nGenerator: streamparse\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class Wheel(NamedTuple):
    """A wheel: the name of its file, and its bytes."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@cache
def own_wheel() -> Wheel:
    """Return the wheel of the running package, with the dependencies of a component only.

    Raises:
        OperationError: the package is not installed, so that its dependencies are not known, or cannot be read.
    """
    info = f"streamparse-{__version__}.dist-info"
    try:
        files = dict(_files())
    except OSError as error:
        raise OperationError(
            f"{error.filename}: cannot be read: {error.strerror}; the workers need it"
        ) from None
    files[f"{info}/METADATA"] = _metadata()
    files[f"{info}/WHEEL"] = _TAG.encode()
    record = "".join(f"{name},{_digest(each)},{len(each)}\n" for name, each in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, each in files.items():
            archive.writestr(undated_entry(name), each)
    return Wheel(f"streamparse-{__version__}-py3-none-any.whl", content.getvalue())


def _files() -> Iterator[tuple[str, bytes]]:
    # Beside this one, in an installation as in a checkout; another of that name may come first on the path.
    for directory in (Path(__file__).resolve().parents[2] / package for package in PACKAGES):
        for path in sorted(directory.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                yield (
                    f"{directory.name}/{path.relative_to(directory).as_posix()}",
                    path.read_bytes(),
                )


def _metadata() -> bytes:
    """The installation's metadata with fewer dependencies."""
    try:
        installed = metadata("streamparse")
    except PackageNotFoundError:
        installed = None
    if installed is None or installed["Version"] != __version__:
        found = (
            "is not installed" if installed is None else f"is installed as {installed['Version']}"
        )
        checkout = Path(__file__).resolve().parents[2]
        raise OperationError(
            f"streamparse {__version__} in {checkout} {found}, and its own metadata are needed to carry it to the "
            f"workers; pip install it again: pip install -e {checkout}, if that is a checkout"
        )
    lines = [f"Metadata-Version: 2.1\nName: streamparse\nVersion: {__version__}"]
    lines += [f"Requires-Python: {each}" for each in installed.get_all("Requires-Python", [])]
    lines += [f"Provides-Extra: {each}" for each in installed.get_all("Provides-Extra", [])]
    lines += [
        f"Requires-Dist: {each}"
        for each in installed.get_all("Requires-Dist", [])
        if "extra ==" in each or re.match(r"[\w.-]+", each)[0].lower() in NEEDED  # type: ignore[index]  # a name is first
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"

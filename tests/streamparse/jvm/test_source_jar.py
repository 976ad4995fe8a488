"""The jar that goes to a cluster without a JVM here."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from streamparse.jvm import temporary_source_jar
from streamparse.jvm.source_jar import write_source_jar
from streamparse.project import ProjectError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    files = {
        "words.py": "word = 'wörter'\n",
        "data/wörter.txt": "x" * 100_000,
        ".env": "A=1\n",
        "__pycache__/words.cpython-311.pyc": "",
        "words.py~": "",
    }
    for name, text in files.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "src"


def jar_of(source: Path) -> bytes:
    with io.BytesIO() as file:
        write_source_jar(source, file)
        return file.getvalue()


def test_the_jar_has_the_files_that_are_shipped_where_storm_looks_for_them(source: Path) -> None:
    with temporary_source_jar(source) as jar, zipfile.ZipFile(jar) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    assert content.pop("META-INF/MANIFEST.MF").startswith(b"Manifest-Version: 1.0\r\n")
    assert content == {
        f"resources/{name}": (source / name).read_bytes()
        for name in (".env", "data/wörter.txt", "words.py")
    }
    assert not jar.exists()


def test_the_same_sources_are_the_same_bytes_whenever_and_whoever_wrote_them(
    source: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    for path in sorted(source.rglob("*"), reverse=True):  # in another order
        if path.is_file():
            (copy / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy / path.relative_to(source))
    for path in copy.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1e9, 1e9))
    one, other = (hashlib.sha256(jar_of(each)).hexdigest() for each in (source, copy))
    (copy / "words.py").write_text("word = 'other'\n", encoding="utf-8")
    assert (one == other, one == hashlib.sha256(jar_of(copy)).hexdigest()) == (True, False)


def test_a_directory_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        jar_of(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: no file to ship; Storm makes the working directory of all components of them, so one is needed"
    )


def test_a_name_that_no_jar_can_have_is_refused(source: Path) -> None:
    Path(os.fsdecode(os.fsencode(source) + b"/w\xf6rter.txt")).touch()
    with pytest.raises(ProjectError) as caught:
        jar_of(source)
    assert str(caught.value) == (
        f"{source}: the name of 'w\\udcf6rter.txt' is no UTF-8, and a jar has no other; rename it"
    )

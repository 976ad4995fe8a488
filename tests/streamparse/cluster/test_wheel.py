"""The wheel of the running package, which goes to the workers."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cluster.wheel import own_wheel


def test_the_wheel_has_the_files_that_run_here_and_what_a_component_needs() -> None:
    with zipfile.ZipFile(io.BytesIO(own_wheel().content)) as archive:
        names = archive.namelist()
        metadata = archive.read(f"streamparse-{__version__}.dist-info/METADATA").decode()
    needs = [
        line
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra" not in line
    ]
    assert own_wheel().name == f"streamparse-{__version__}-py3-none-any.whl"
    assert {"streamparse/run.py", "streamparse/py.typed", "simulator/__init__.py"} <= {*names}
    assert [line.split()[1].partition(">")[0] for line in needs] == ["simplejson"]
    assert not any("__pycache__" in name for name in names)


def test_the_same_files_make_the_same_bytes() -> None:
    program = "from streamparse.cluster.wheel import own_wheel; print(own_wheel().sha256)"
    argv = [sys.executable, "-c", program]
    made = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
    assert made == own_wheel().sha256


@pytest.mark.slow
def test_pip_installs_it_and_a_component_can_be_loaded(tmp_path: Path) -> None:
    wheel = tmp_path / own_wheel().name
    wheel.write_bytes(own_wheel().content)
    there = tmp_path / "there"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--target",
        str(there),
    ]
    subprocess.run([*pip, str(wheel)], check=True)
    program = f"import streamparse.run as run; print(run.__file__.startswith({str(there)!r}))"
    argv = [
        sys.executable,
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(there)!r}); {program}",
    ]
    loaded = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert loaded.stdout == "True\n"

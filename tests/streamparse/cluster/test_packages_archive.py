"""What a worker could not run is in no archive of packages; test_blob_packages.py builds a whole one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from streamparse.cluster.packages_archive import check_platform
from streamparse.project import ProjectError


def installed(site: Path, name: str, tags: Sequence[str]) -> None:
    """A package as pip leaves it."""
    info = site / f"{name}.dist-info"
    info.mkdir()
    lines = ["Wheel-Version: 1.0", "Root-Is-Purelib: false", *(f"Tag: {tag}" for tag in tags)]
    (info / "WHEEL").write_text("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("tags", "platform"),
    [
        (["py3-none-any"], "linux_x86_64"),
        (["py2-none-any", "py3-none-any"], "linux_aarch64"),
        (["cp312-cp312-linux_x86_64"], "linux_x86_64"),
        (["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux2014_x86_64"], "linux_x86_64"),
        (["cp312-abi3-manylinux_2_28_aarch64.manylinux_2_34_aarch64"], "linux_aarch64"),
    ],
)
def test_what_is_for_every_platform_or_for_that_of_the_workers_is_taken(
    tmp_path: Path, tags: list[str], platform: str
) -> None:
    installed(tmp_path, "pets-1.0", tags)
    check_platform(tmp_path, platform)


@pytest.mark.parametrize(
    ("tags", "platform", "shown"),
    [
        (["cp312-cp312-macosx_14_0_arm64"], "linux_x86_64", "macosx_14_0_arm64"),
        (["cp312-cp312-linux_x86_64"], "linux_aarch64", "linux_x86_64"),
        (["cp312-cp312-musllinux_1_2_x86_64"], "linux_x86_64", "musllinux_1_2_x86_64"),
        (
            ["cp312-cp312-win_amd64", "cp312-cp312-win32"],
            "linux_x86_64",
            "win_amd64 and win32",
        ),
    ],
)
def test_what_is_compiled_for_another_platform_is_refused_by_name(
    tmp_path: Path, tags: list[str], platform: str, shown: str
) -> None:
    installed(tmp_path, "pets-1.0", tags)
    installed(tmp_path, "words-2.0", ["py3-none-any"])
    with pytest.raises(ProjectError) as caught:
        check_platform(tmp_path, platform)
    assert caught.value.problems == (
        f"pets 1.0 is compiled for {shown}, and the workers are {platform}; build where it is compiled for them, name "
        'another "platform", or let ssh build virtualenvs on the workers',
    )

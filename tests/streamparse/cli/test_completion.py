"""What a shell completes with the script of ``sparse completion``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from streamparse.cli.sparse import COMMANDS
from tests.support.sparse import run

ASK = """
source {script}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
{function} && echo "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    pytest.importorskip("shtab")
    status, out, err = run(capsys, "completion", "bash")
    assert (status, err) == (0, "")
    (tmp_path / "script").write_text(out)
    return tmp_path / "script"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sparse sim", ["simulate"]),
        ("sparse ''", sorted(each.name for each in COMMANDS)),
        ("sparse simulate --patie", ["--patience"]),
        ("sparse simulate --on-crash ''", ["restart", "stop"]),
        ("sparse simulate --name wo", ["wordcount", "words"]),
        ("sparse new b", ["bolt"]),
    ],
)
def test_bash_completes_commands_options_values_and_topologies(
    words: str, expected: list[str], script: Path, tmp_path: Path
) -> None:
    (tmp_path / "topologies").mkdir()
    for name in ("words.clj", "wordcount.clj", "other.clj"):
        (tmp_path / "topologies" / name).touch()
    function = next(
        line.split()[-2] for line in script.read_text().splitlines() if line.startswith("complete ")
    )
    done = subprocess.run(
        ["bash", "-c", ASK.format(script=script, words=words, function=function)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (sorted(word for word in done.stdout.split() if word[0] != "-" or "-" in words), done.stderr) == (
        expected,
        "",
    )  # fmt: skip


def test_zsh_can_read_its_script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("shtab")
    status, out, err = run(capsys, "completion", "zsh")
    assert (status, err, out.startswith("#compdef sparse\n")) == (0, "", True)
    if (zsh := shutil.which("zsh")) is not None:
        (tmp_path / "_sparse").write_text(out)
        subprocess.run([zsh, "-n", str(tmp_path / "_sparse")], check=True)


def test_without_shtab_the_remedy_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run(capsys, "completion", "bash") == (
        2,
        "",
        "error: sparse completion needs shtab, which is not installed: pip install shtab\n",
    )

"""The requirements of a topology: what its workers are sent, and what is refused before they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.cluster.requirements import check_requirements, gather_requirements
from streamparse.project import ProjectError


def write(directory: Path, **files: str) -> Path:
    """Files by their names without ``.txt``; the first one's path."""
    for name, text in files.items():
        (directory / f"{name}.txt").write_text(text, encoding="utf-8")
    return directory / f"{next(iter(files))}.txt"


def refused(path: Path) -> list[str]:
    with pytest.raises(ProjectError) as caught:
        check_requirements(path)
    return [problem.replace(f"{path.parent}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    "line",
    [
        "streamparse",
        "Streamparse == 2.2.0  # the same as here",
        "streamparse[debug]>=2,<3; python_version > '3'",
        "streamparse @ file:///srv/streamparse-2.2.0-py3-none-any.whl",
        "git+https://github.com/Parsely/streamparse.git@master#egg=streamparse",
        "git+ssh://git@example.com/our/streamparse.git@v2",
        "-e git+https://example.com/fork.git#egg=streamparse",
        "https://example.com/dist/streamparse-2.2.0.tar.gz",
        "streamparse \\\n    ==2.2.0",
    ],
)
def test_streamparse_may_be_asked_for_as_pip_has_it(tmp_path: Path, line: str) -> None:
    check_requirements(write(tmp_path, wordcount=f"# for words\nsimplejson\n{line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# streamparse",
        "simplejson  # not streamparse",
        "streamparse-extras",
        "my-streamparse==1",
        "git+https://example.com/streamparse-tools.git",
        "--find-links https://example.com/wheels",
    ],
)
def test_what_only_looks_like_streamparse_is_not_taken_for_it(tmp_path: Path, line: str) -> None:
    assert refused(write(tmp_path, wordcount=f"{line}\n")) == [
        "wordcount.txt: streamparse is not among its lines; expected a line streamparse"
    ]


def test_files_that_are_included_are_sent_too_under_names_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "base.txt").write_text("streamparse  # always\n-c pins.txt\n")
    (tmp_path / "shared" / "pins.txt").write_text("simplejson==3.19.3\n")
    path = write(
        tmp_path,
        wordcount="-r shared/base.txt\n--requirement=shared/base.txt\n-rhttps://example.com/more.txt\n",
    )
    assert gather_requirements(path) == {
        "requirements.txt": "-r included-1.txt\n--requirement included-1.txt\n-rhttps://example.com/more.txt\n",
        "included-1.txt": "streamparse\n-c included-2.txt\n",
        "included-2.txt": "simplejson==3.19.3\n",
    }


def test_files_may_include_each_other(tmp_path: Path) -> None:
    path = write(tmp_path, wordcount="-r other.txt\n", other="-r wordcount.txt\nstreamparse\n")
    assert gather_requirements(path) == {
        "requirements.txt": "-r included-1.txt\n",
        "included-1.txt": "-r requirements.txt\nstreamparse\n",
    }


def test_all_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, wordcount="-e .\nstreamparse\n\n-r no.txt\n../lib\n")
    ours = (
        "is a path of this machine, which no worker has; expected a version from an index, or a URL"
    )
    assert refused(path) == [
        f"wordcount.txt:1: -e . {ours}",
        "wordcount.txt:4: -r no.txt: there is no no.txt",
        f"wordcount.txt:5: ../lib {ours}",
    ]


def test_a_file_that_is_not_there_or_cannot_be_read_is_refused_with_what_is_expected(
    tmp_path: Path,
) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    assert [*refused(tmp_path / "no.txt"), *refused(tmp_path / "latin.txt")] == [
        "no.txt: there is none; expected a file with a line for each package that the workers need, "
        "streamparse among them",
        "latin.txt: not UTF-8: byte 0xe9 in line 1; save it as UTF-8",
    ]

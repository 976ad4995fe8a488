"""The requirements of a topology: what its workers are sent, and what is refused before they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cluster.requirements import (
    check_requirements,
    check_version,
    gather_requirements,
    unnamed_packages,
)
from streamparse.project import OperationError, ProjectError

OURS = (
    "is a path of this machine, which no worker has; expected a version from an index, a URL, "
    "or an absolute path on the workers"
)


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
        "streamparse @ file:///srv/streamparse-2.2.0-py3-none-any.whl",
        "git+https://github.com/Parsely/streamparse.git@master#egg=streamparse",
        "git+ssh://git@example.com/our/streamparse.git@v2",
        "-e git+https://example.com/fork.git#egg=streamparse",
        "https://example.com/dist/streamparse-2.2.0.tar.gz",
    ],
)
def test_a_url_of_streamparse_is_left_to_pip(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, wordcount=f"# for words\nsimplejson\n{line}\n")
    assert gather_requirements(path).carries is False


@pytest.mark.parametrize(
    "line",
    [
        "",
        "streamparse",
        f"Streamparse == {__version__}  # the same as here",
        "streamparse[debug]>=2,<3; python_version > '3'",
        f"streamparse \\\n    =={__version__}",
        "# streamparse",
        "simplejson  # not streamparse",
        "streamparse-extras",
        "my-streamparse==1",
        "git+https://example.com/streamparse-tools.git",
        "--find-links https://example.com/wheels",
    ],
)
def test_the_running_package_goes_along_unless_it_has_a_url(tmp_path: Path, line: str) -> None:
    assert gather_requirements(write(tmp_path, wordcount=f"{line}\n")).carries is True


@pytest.mark.parametrize(
    "line", ["streamparse==2.1.3", "streamparse[debug] === 5.0.1", "streamparse (==3.*)"]
)
def test_another_version_than_the_one_that_runs_is_refused(tmp_path: Path, line: str) -> None:
    assert refused(write(tmp_path, wordcount=f"{line}  # old\n")) == [
        f"wordcount.txt:1: {line}, but this sparse is {__version__}, and takes itself to the workers; "
        f"expected streamparse=={__version__}, or no line for it"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "wheels/x-1-py3-none-any.whl", "x.tar.gz", "-f wheels/", "--find-links ./wheels", "--find-links=wheels",
        "-e src/lib", "-e .", "foo @ ../lib", "foo @ file:../lib", "./lib[more]", "~/lib", "--index-url ../simple",
        "lib/foo-1.zip ; python_version > '3'",
    ],
)  # fmt: skip
def test_a_path_of_this_machine_is_refused(tmp_path: Path, line: str) -> None:
    assert refused(write(tmp_path, wordcount=f"{line}\n")) == [f"wordcount.txt:1: {line} {OURS}"]


@pytest.mark.parametrize(
    "line",
    [
        "requests", "foo>=1 ; sys_platform == 'a/b'", "--find-links /srv/wheels", "-e git+https://x/y#egg=z",
        "git+ssh://git@example.com/our/lib.git@v2", "/srv/x.whl", "foo @ https://x/y", "${HOME}/wheels/x.whl",
        "foo==1 --hash=sha256:ab", "--no-binary :all:", "--trusted-host a", "--no-index",
    ],
)  # fmt: skip
def test_what_a_worker_can_find_is_left_to_pip(tmp_path: Path, line: str) -> None:
    assert gather_requirements(write(tmp_path, wordcount=f"{line}\n")).files == {
        "requirements.txt": f"{line}\n"
    }


def test_files_that_are_included_are_sent_too_under_names_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "base.txt").write_text("streamparse  # always\n-c pins.txt\n")
    (tmp_path / "shared" / "pins.txt").write_text("simplejson==3.19.3\n")
    path = write(
        tmp_path,
        wordcount="-r shared/base.txt\n--requirement=shared/base.txt\n-rhttps://example.com/more.txt\n",
    )
    assert gather_requirements(path).files == {
        "requirements.txt": "-r included-1.txt\n--requirement included-1.txt\n-rhttps://example.com/more.txt\n",
        "included-1.txt": "streamparse\n-c included-2.txt\n",
        "included-2.txt": "simplejson==3.19.3\n",
    }


def test_files_may_include_each_other(tmp_path: Path) -> None:
    path = write(tmp_path, wordcount="-r other.txt\n", other="-r wordcount.txt\nstreamparse\n")
    assert gather_requirements(path).files == {
        "requirements.txt": "-r included-1.txt\n",
        "included-1.txt": "-r requirements.txt\nstreamparse\n",
    }


def test_all_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, wordcount="-e .\nstreamparse\n\n-r no.txt\n../lib\n")
    assert refused(path) == [
        f"wordcount.txt:1: -e . {OURS}",
        "wordcount.txt:4: -r no.txt: there is no no.txt",
        f"wordcount.txt:5: ../lib {OURS}",
    ]


def test_a_file_that_is_not_there_or_cannot_be_read_is_refused_with_what_is_expected(
    tmp_path: Path,
) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    assert [*refused(tmp_path / "no.txt"), *refused(tmp_path / "latin.txt")] == [
        "no.txt: there is none; expected a file with a line for each package that the components import; "
        "it may be empty",
        "latin.txt: not UTF-8: byte 0xe9 in line 1; save it as UTF-8",
    ]


def test_what_lines_bring_is_followed_to_what_that_needs(tmp_path: Path) -> None:
    path = tmp_path / "w.txt"
    modules = ["pytest", "pluggy", "simplejson", "hypothesis", "nowhere"]
    brought = {}
    for text in (
        "",
        "pytest # with pluggy\n",
        "-r more.txt\n",
        "git+https://example.com/a\n",
        "x @ https://a.b/c\n",
    ):
        (tmp_path / "more.txt").write_text("HYPOTHESIS; python_version > '3'\n")
        path.write_text(text)
        brought[text.split()[0] if text else ""] = sorted(unnamed_packages(path, modules))
    assert brought == {
        "": ["hypothesis", "pluggy", "pytest"],
        "pytest": ["hypothesis"],
        "-r": ["pluggy", "pytest"],
        "git+https://example.com/a": [],
        "x": [],
    }


@pytest.mark.parametrize(("printed", "there"), [("", "none"), ("a warning\n5.0.1\n", "5.0.1")])
def test_another_streamparse_among_the_packages_is_refused(printed: str, there: str) -> None:
    check_version(f"a warning\n{__version__}\n", "streamparse", "among the packages")
    with pytest.raises(OperationError) as refused:
        check_version(printed, "w1: streamparse", "there")
    assert str(refused.value) == (
        f"w1: streamparse is {there} there and {__version__} here; the requirements ask for it by URL: "
        f"expected the URL of {__version__}, or no line for streamparse"
    )

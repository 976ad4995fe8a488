"""Flags of streamparse 3 to 5 that `sparse submit` refuses with what to use instead."""

from __future__ import annotations

import pytest

from tests.support.submit_project import SubmitProject, sparse_lines


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ("--timeout", "7000"),
            "--timeout is a flag of streamparse 3 to 5: Nimbus has 20 s for an answer, and 60 s for a submit; leave it "
            "out",
        ),
        (
            ("--pool_size", "5"),
            "--pool_size is a flag of streamparse 3 to 5: all workers are reached at once; leave it out",
        ),
        (
            ("--overwrite_virtualenv",),
            "--overwrite_virtualenv is a flag of streamparse 3 to 5: a virtualenv is built anew when its requirements "
            "change; remove it on the workers to have the same one again",
        ),
        (
            ("-u",),
            "-u is a flag of streamparse 3 to 5: without --simple_jar, Leiningen builds one; by Thrift no jar needs "
            "it; leave it out",
        ),
        (
            ("-R", "/jars/x.jar"),
            "-R is a flag of streamparse 3 to 5: every submit builds and uploads its jar; leave it out",
        ),
    ],
)
def test_a_flag_without_a_meaning_here_says_what_to_use(
    submit_project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    error: str,
) -> None:
    assert (sparse_lines(capsys, "submit", *words), submit_project.was_asked()) == (
        (2, [f"error: {error}"]),
        False,
    )


def test_they_are_in_no_help(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = sparse_lines(capsys, "submit", "-h")
    text = " ".join(lines)
    flags = ("--timeout", "--pool_size", "--uber_jar", "--overwrite_virtualenv", "--config")
    assert (status, [flag for flag in flags if flag in text], "--override_name" in text) == (
        0,
        [],
        True,
    )

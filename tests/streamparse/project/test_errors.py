"""Errors that users read."""

import copy
import pickle

import pytest

from streamparse.project import OperationError, ProjectError, UsageError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UsageError("--par 0: expected at least 1"), "--par 0: expected at least 1"),
        (ProjectError(each for each in ["one", "two"]), "one\ntwo"),
        (OperationError("pip: no such package", "all that pip said"), "pip: no such package"),
    ],
)
def test_an_error_is_its_lines_also_after_it_has_been_copied(error: Exception, text: str) -> None:
    copies = [error, copy.copy(error), pickle.loads(pickle.dumps(error))]
    assert [(str(each), vars(each)) for each in copies] == [(text, vars(error))] * 3

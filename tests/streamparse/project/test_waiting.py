"""The variable that multiplies how long answers are waited for."""

from __future__ import annotations

import pytest

from streamparse.project import ProjectError, environment_from, wait_secs
from streamparse.project.environments import with_variables

VARIABLE = "STREAMPARSE_WAIT_FACTOR"


@pytest.mark.parametrize(("text", "secs"), [("", 10), ("3", 30), ("0.5", 5), ("1e4", 100_000)])
def test_a_limit_is_multiplied(monkeypatch: pytest.MonkeyPatch, text: str, secs: float) -> None:
    monkeypatch.setenv(VARIABLE, text)
    assert wait_secs(10) == secs
    monkeypatch.delenv(VARIABLE)
    assert wait_secs(10) == 10


@pytest.mark.parametrize("text", ["0", "-1", "10001", "inf", "nan", "3x", " "])
def test_what_is_no_factor_is_refused_before_a_cluster_is_asked(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    environment = environment_from("prod", {"nimbus": "one"})
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ProjectError) as caught:
        with_variables(environment)
    assert caught.value.problems == (
        f'{VARIABLE} is "{text}"; expected a number from above 0 to 10000, such as 3',
    )

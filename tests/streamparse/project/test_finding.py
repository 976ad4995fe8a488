"""A mistake, as it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamparse.project.finding import Finding, shown_path


def test_a_finding_has_the_place_what_was_found_and_what_was_expected() -> None:
    whole = Finding("error", "src/m.py", 3, "B needs n", "no arguments", "give n a default")
    assert [str(whole), str(Finding("warning", "src/m.py", 0, "it hides json"))] == [
        "src/m.py:3: B needs n; expected no arguments; give n a default",
        "src/m.py: it hides json",
    ]


def test_a_path_is_shown_as_it_is_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (shown_path(tmp_path / "src/m.py"), shown_path(Path("/else/m.py"))) == (
        "src/m.py",
        "/else/m.py",
    )

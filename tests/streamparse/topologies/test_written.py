"""What cannot be written is told in lines."""

from __future__ import annotations

from streamparse.topologies.written import Unwritable


def test_the_reasons_are_the_text() -> None:
    assert str(Unwritable(["one", "two"])) == "one\ntwo"

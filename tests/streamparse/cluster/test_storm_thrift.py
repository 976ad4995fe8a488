"""The interface of Storm as a module of thriftpy2, which is an extra."""

from __future__ import annotations

import sys

import pytest

from streamparse.cluster import storm_thrift
from streamparse.project import UsageError


def test_the_names_of_streams_are_keys_of_maps() -> None:
    storm = storm_thrift.interface()
    inputs = {storm.GlobalStreamId("a", "default"): 1, storm.GlobalStreamId("a", "odd"): 2}
    assert inputs[storm.GlobalStreamId("a", "odd")] == 2


def test_without_thriftpy2_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    storm_thrift.require_thriftpy2()
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    with pytest.raises(UsageError) as caught:
        storm_thrift.require_thriftpy2()
    assert str(caught.value) == (
        "--thrift needs thriftpy2, which is not installed: pip install thriftpy2"
    )

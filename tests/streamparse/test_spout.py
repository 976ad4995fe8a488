"""``streamparse.spout``, an import path of streamparse's documents, 2.1.3 and later."""

import pytest

import streamparse.spout
from streamparse import dsl, storm


def test_the_path_leads_to_the_same_objects() -> None:
    for name in ("Component", "ReliableSpout", "Spout", "Tuple"):
        assert getattr(streamparse.spout, name) is getattr(storm, name)
    for name in ("JavaSpout", "ShellSpout"):
        assert getattr(streamparse.spout, name) is getattr(dsl, name)
    with pytest.raises(AttributeError, match="no attribute 'Sprout'"):
        _ = streamparse.spout.Sprout

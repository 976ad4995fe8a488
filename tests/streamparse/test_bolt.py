"""``streamparse.bolt``, an import path of streamparse's documents, 2.1.3 and later."""

import pytest

import streamparse.bolt
from streamparse import dsl, storm


def test_the_path_leads_to_the_same_objects() -> None:
    for name in ("BatchingBolt", "Bolt", "Component", "TicklessBatchingBolt", "Tuple"):
        assert getattr(streamparse.bolt, name) is getattr(storm, name)
    for name in ("JavaBolt", "ShellBolt"):
        assert getattr(streamparse.bolt, name) is getattr(dsl, name)
    with pytest.raises(AttributeError, match="no attribute 'Blot'"):
        _ = streamparse.bolt.Blot

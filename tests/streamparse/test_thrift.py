"""The stream of a component by its id, as topologies import it."""

from __future__ import annotations

from streamparse.dsl import GlobalStreamId as Same
from streamparse.thrift import GlobalStreamId


def test_two_names_of_one_stream_are_equal() -> None:
    assert GlobalStreamId is Same
    one, other = GlobalStreamId("bolt", "default"), GlobalStreamId(componentId="bolt")
    assert (one == other, hash(one) == hash(other), one == "bolt") == (True, True, False)
    assert GlobalStreamId("bolt", "errors") != one
    assert repr(one) == "GlobalStreamId(componentId='bolt', streamId='default')"

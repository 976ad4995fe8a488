"""Storm's blob store, whose Nimbus is a server of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest

from streamparse.cluster import ThriftNimbus
from streamparse.cluster.blob_store import BlobStore
from streamparse.project import OperationError
from tests.support.nimbus_server import STORM, HangUp, NimbusServer, serving

LARGE = bytes(range(256)) * 4096  # 1 MiB, two chunks


@contextmanager
def store_of(cluster: object, service: object = STORM.Nimbus) -> Iterator[BlobStore]:
    with serving(cluster, service) as port:
        yield BlobStore(ThriftNimbus(("127.0.0.1", port), name="storm1:6627"))


def test_a_blob_is_there_when_it_is_whole_and_gone_when_it_is_removed() -> None:
    cluster = NimbusServer()
    with store_of(cluster) as store:
        sent: list[int] = []
        before = store.has("a.zip")
        store.store("a.zip", BytesIO(LARGE), sent.append)
        there = (store.has("a.zip"), dict(cluster.blobs))
        store.remove("a.zip")
        store.remove("a.zip")
        assert (before, sent, there, store.all_keys()) == (
            False,
            [len(LARGE) // 2, len(LARGE)],
            (True, {"a.zip": LARGE}),
            [],
        )


def at_second(request: str, error: Exception) -> Callable[[str], None]:
    asked: list[str] = []

    def act(name: str) -> None:
        asked.append(name)
        if name == request and asked.count(request) == 2:
            raise error

    return act


def test_an_upload_that_was_broken_off_is_no_blob_and_is_done_again() -> None:
    cluster = NimbusServer(before=at_second("blob chunk", HangUp()))
    with store_of(cluster) as store:
        with pytest.raises(OperationError) as caught:
            store.store("a.zip", BytesIO(LARGE))
        half = (cluster.blobs["a.zip"], store.has("a.zip"))
        store.store("a.zip", BytesIO(LARGE))
        assert (half, store.has("a.zip"), cluster.blobs) == (
            (None, False),
            True,
            {"a.zip": LARGE},
        )
    assert caught.value.line.startswith(
        "nimbus storm1:6627 gave no answer when asked to take the blob a.zip ("
    )


def test_all_keys_are_read_however_many_there_are() -> None:
    cluster = NimbusServer()
    cluster.blobs.update(dict.fromkeys("edcba", b"x"))
    with store_of(cluster) as store:
        assert store.all_keys() == ["a", "b", "c", "d", "e"]


def test_the_blobs_that_topologies_name_are_used() -> None:
    cluster = NimbusServer("words", "two-words", "plain")
    cluster.confs["words"] = {"topology.blobstore.map": {"a.zip": {"uncompress": True}}}
    cluster.confs["two-words"] = {"topology.blobstore.map": {"b.zip": {}, "a.zip": {}}}
    with store_of(cluster) as store:
        assert store.used() == {"a.zip", "b.zip"}


def test_who_may_not_store_is_told_by_nimbus() -> None:
    barred = STORM.AuthorizationException("not allowed to write a.zip")

    def bar(request: str) -> None:
        if request == "create blob":
            raise barred

    with store_of(NimbusServer(before=bar)) as store, pytest.raises(OperationError) as caught:
        store.store("a.zip", BytesIO(b"x"))
    assert caught.value.line == (
        "nimbus storm1:6627 does not let you take the blob a.zip: not allowed to write a.zip"
    )


def test_an_error_of_nimbus_is_a_blob_that_is_not_there() -> None:
    """As Storm 2.8 answers where data are missing: by an error that its interface does not name."""

    class Other:
        def ping(self) -> None:
            pass

    with store_of(Other(), STORM.Other) as store:
        assert store.has("a.zip") is False

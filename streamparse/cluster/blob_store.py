"""Storm's blob store, through Nimbus: files by keys, which every supervisor fetches for the topologies that name them.

It is there from Storm 1.0 on. Sources: ``nimbus.clj`` 1.0.0, ``Nimbus.java`` 2.8.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

from streamparse.cluster.nimbus import CHUNK_BYTES, ThriftNimbus
from streamparse.cluster.storm_thrift import interface
from streamparse.project import OperationError

__all__ = ["BLOBSTORE_MAP", "OLDEST", "BlobStore", "has_blob_store"]

OLDEST = (1, 0)  # release line of Storm that has one
BLOBSTORE_MAP = "topology.blobstore.map"  # of a topology: the blobs that it uses

_EVERYTHING = 7  # READ, WRITE and ADMIN of BlobStoreAclHandler


def has_blob_store(storm_version: str | None) -> bool:
    """Return whether a Storm of this version has one; None is the version of a Storm that does not tell it."""
    found = re.match(r"(\d+)\.(\d+)", storm_version or "")
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


class BlobStore:
    """The blob store of a cluster. Every failure is an OperationError.

    Args:
        nimbus: it is asked.
    """

    def __init__(self, nimbus: ThriftNimbus) -> None:
        self._nimbus = nimbus

    def has(self, key: str) -> bool:
        """Return whether there is a whole blob of this key.

        An upload that was broken off leaves the key with an access list and without data. Its version is that of a
        file that is not there: 0 where that is a time, and an error where it is a checksum (``LocalFsBlobStoreFile``
        1.0.0 and 2.8.3).
        """
        from thriftpy2.thrift import TApplicationException

        with self._nimbus.client(f"look for the blob {key}", later=True) as client:
            try:
                return bool(client.getBlobMeta(key).version)
            except (interface().KeyNotFoundException, TApplicationException):
                return False

    def store(
        self, key: str, content: BinaryIO, on_bytes: Callable[[int], None] = lambda sent: None
    ) -> None:
        """Store a blob that everybody may read, replace and remove, as everybody may submit to such a Nimbus.

        Supervisors see it when it is whole. What an upload that was broken off has left is replaced.

        Args:
            key: its key; letters, digits, ``.``, ``_`` and ``-``.
            content: from where it is read now.
            on_bytes: called with the number of bytes that have been sent, after each chunk.
        """
        storm = interface()
        everybody = storm.AccessControl(
            type=storm.AccessControlType.OTHER, name="", access=_EVERYTHING
        )
        with self._nimbus.client(f"take the blob {key}", later=True) as client:
            try:
                session = client.beginCreateBlob(key, storm.SettableBlobMeta(acl=[everybody]))
            except storm.KeyAlreadyExistsException:
                session = client.beginUpdateBlob(key)
            try:
                _send(client, session, content, on_bytes)
            except BaseException:
                # The error before tells more, and Nimbus forgets an upload by itself.
                with suppress(Exception):
                    client.cancelBlobUpload(session)
                raise

    def all_keys(self) -> list[str]:
        """Return the keys of all blobs, sorted."""
        return sorted(self._keys())

    def _keys(self) -> Iterator[str]:
        with self._nimbus.client("list its blobs", later=True) as client:
            found = client.listBlobs("")
            while found.keys:  # an empty list is the last one
                yield from found.keys
                found = client.listBlobs(found.session)

    def used(self) -> set[str]:
        """Return the keys of the blobs that topologies name, also those that are being killed."""
        return {key for each in self._nimbus.topologies() for key in self._used_by(each.id)}

    def _used_by(self, topology_id: str) -> Iterator[str]:
        storm = interface()
        with self._nimbus.client(f"tell the settings of {topology_id}", later=True) as client:
            try:
                conf = json.loads(client.getTopologyConf(topology_id))
            except storm.NotAliveException:  # it has just ended
                return
            except ValueError:
                raise OperationError(f"the settings of {topology_id} are no JSON") from None
        blobs = conf.get(BLOBSTORE_MAP) if isinstance(conf, Mapping) else None
        yield from blobs or ()

    def remove(self, key: str) -> None:
        """Remove a blob; one that is not there is removed."""
        with (
            self._nimbus.client(f"remove the blob {key}", later=True) as client,
            suppress(interface().KeyNotFoundException),
        ):
            client.deleteBlob(key)


def _send(client: Any, session: str, content: BinaryIO, on_bytes: Callable[[int], None]) -> None:
    sent = 0
    while chunk := content.read(CHUNK_BYTES):
        client.uploadBlobChunk(session, chunk)
        sent += len(chunk)
        on_bytes(sent)
    client.finishBlobUpload(session)

"""Recordings on workers: what is found there, and what comes here, to the byte."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from streamparse.cluster import LogSelection, fetch_recordings, find_recordings
from streamparse.project import OperationError
from streamparse.recordings import Head, head_line
from tests.support.ssh_project import COUNT, NAME, environment
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh

FILE = COUNT.replace(".log", ".0.jsonl.gz")
BROKEN = FILE.replace("_99.", "_98.")
HEAD = Head(NAME, "count-bolt", 4, code={}, redacted=[])


def test_recordings_are_found_with_what_is_wrong_with_them_and_fetched_to_the_byte(
    hosts: Hosts, ssh_project: Path, worker_logs: dict[str, Path], tmp_path: Path
) -> None:
    import gzip

    data = gzip.compress(head_line(HEAD).encode() + bytes(range(256)))
    (worker_logs["worker1"] / FILE).write_bytes(data)
    (worker_logs["worker1"] / BROKEN).write_bytes(b"\x00\xff")
    selection = LogSelection(environment(hosts), NAME, components=["count-bolt"])
    said: list[str] = []
    found = find_recordings(selection, said.append)
    directory = worker_logs["worker1"]
    assert [dataclasses.replace(each, written=0.0) for each in found] == [
        dataclasses.replace(
            found[0], path=f"{directory}/{BROKEN}", size=2, head=None, written=0.0,
            damage=f"{directory}/{BROKEN}: no head; expected a recording",
        ),
        dataclasses.replace(
            found[1], host="worker1", path=f"{directory}/{FILE}", size=len(data), head=HEAD,
            written=0.0, damage="",
        ),
    ]  # fmt: skip
    made = fetch_recordings(selection, found, tmp_path / "got", said.append)
    assert [(path.name, path.read_bytes()) for path in made] == [
        (BROKEN, b"\x00\xff"),
        (FILE, data),
    ]
    assert fetch_recordings(selection, found, tmp_path / "got", said.append) == []
    (directory / FILE).unlink()
    with pytest.raises(OperationError, match=f"worker1: {directory}/{FILE}: cannot be read"):
        fetch_recordings(selection, found, tmp_path / "again", said.append)

"""What was written to a file can be read, whatever it is compressed with, and whether it was closed."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest
import zstandard

from streamparse.recordings import Head, head_line, read_recordings, said_line
from streamparse.recordings.files import CompressedFile
from tests.support.messages import tup
from tests.support.recorded_components import Echo, record

HEAD = head_line(Head("t", "count", 4, code={}, redacted=[]))


@pytest.mark.parametrize("has_small_pieces", [True, False])
@pytest.mark.parametrize("has_zstd", [True, False])
def test_each_piece_can_be_read_once_it_is_written(
    has_small_pieces: bool, has_zstd: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_zstd:
        monkeypatch.setitem(sys.modules, "zstandard", None)
    file = CompressedFile(str(tmp_path / "r"), has_small_pieces=has_small_pieces)
    monkeypatch.undo()
    file.write(HEAD)
    counts = []
    for number in range(3):
        file.write(said_line("<", number, f"[{number}]"))
        counts.append(len(read_recordings(Path(file.path))[0].said))
    file.close()
    data = Path(file.path).read_bytes()
    assert (counts, file.size) == ([1, 2, 3], len(data))
    if has_zstd:
        with Path(file.path).open("rb") as packed:
            reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
            text = reader.read()
    else:
        text = gzip.decompress(data)
    assert text.decode().count("\n") == 4


def test_without_zstandard_it_is_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    record(Echo, tmp_path, True, tup("1", "dog", "c"))
    [path] = tmp_path.glob("*.jsonl*")
    assert (path.name[-9:], path.read_bytes()[:2], len(read_recordings(path)[0].said)) == (
        ".jsonl.gz",
        b"\x1f\x8b",
        5,
    )

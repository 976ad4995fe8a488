"""Files are read whole, cut off, damaged, and in any of their compressions."""

from __future__ import annotations

import gzip
import re
import sys
import zlib
from pathlib import Path

import pytest
import zstandard

from streamparse.recordings import (
    End,
    Head,
    RecordingError,
    Said,
    end_line,
    head_line,
    read_head,
    read_recordings,
    said_line,
)
from streamparse.recordings.files import CompressedFile

HEAD = Head("t", "count", 4, code={}, redacted=[])
SAID = [Said("<", n, f'{{"id":"{n}"}}') for n in range(100)]
TEXT = head_line(HEAD) + "".join(said_line(*each[:3]) for each in SAID)
WHOLE = (TEXT + end_line(100, "closed", 100)).encode()


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        gzip.compress(WHOLE),
        gzip.compress(WHOLE[:1000]) + gzip.compress(WHOLE[1000:]),
        zstandard.compress(WHOLE),
        zstandard.compress(WHOLE[:1000]) + zstandard.compress(WHOLE[1000:]),
    ],
    ids=["plain", "gzip", "gzip in members", "zstd", "zstd in frames"],
)
def test_a_file_is_read_whatever_it_is_compressed_with(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(data)
    [found] = read_recordings(path)
    assert (found.head, found.said, found.end, found.damage) == (
        HEAD,
        SAID,
        End(100, "closed", 100),
        "",
    )


def test_every_cut_of_a_flushed_file_gives_the_messages_before_it(tmp_path: Path) -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [
        packer.compress(line.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
        for line in TEXT.splitlines(keepends=True)
    ]
    path = tmp_path / "r"
    data = b"".join(parts)
    ends = [sum(map(len, parts[: n + 1])) for n in range(len(parts))]
    for cut in range(ends[0], len(data) + 1, 7):
        path.write_bytes(data[:cut])
        [found] = read_recordings(path)
        whole = sum(end <= cut for end in ends) - 1
        assert (found.end, found.damage) == (None, "")
        # the bytes of a line may have come before those of its flush
        assert found.said in (SAID[:whole], SAID[: whole + 1])


def test_a_damaged_file_gives_what_stands_before_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text(TEXT + "what?\n" + said_line("<", 1, "[1]"), encoding="utf-8")
    [found] = read_recordings(path)
    assert (found.said, found.damage) == (
        SAID,
        f"{path}:102: 'what?' is no line of a recording",
    )
    data = bytearray(gzip.compress(WHOLE))
    data[-6] ^= 1  # of the checksum
    path.write_bytes(data)
    [found] = read_recordings(path)
    assert found.damage.startswith(f"{path}: block 1 is damaged: ")
    assert found.said == SAID[: len(found.said)]
    assert len(found.said) > 50


@pytest.mark.parametrize("has_zstd", [True, False])
def test_a_flipped_bit_is_told_with_the_block_that_has_it(
    has_zstd: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_zstd:
        monkeypatch.setitem(sys.modules, "zstandard", None)
    file = CompressedFile(str(tmp_path / "r"), has_small_pieces=False)
    ends: list[int] = []
    for said in (SAID[:40], SAID[40:70], SAID[70:]):
        head = head_line(HEAD) if not ends else ""
        file.write(head + "".join(said_line(*each[:3]) for each in said))
        ends.append(file.size)
    file.close()
    path, data = Path(file.path), Path(file.path).read_bytes()
    told = 0
    for at in range(ends[0], ends[1]):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        [found] = read_recordings(path)
        if not found.damage:  # a bit without a meaning, or one by which the file seems cut off
            assert found.said in (SAID, SAID[:40]) or not has_zstd
            continue
        told += 1
        assert found.said[:40] == SAID[:40]
        if (
            has_zstd
        ):  # gzip's lines are read as they are unpacked, so one of them may be told instead
            assert re.match(rf"{re.escape(str(path))}: block [23] is damaged: ", found.damage)
            assert found.said == SAID[:40]
    assert told > 0.9 * (ends[1] - ends[0])


def test_a_file_may_hold_several_conversations(tmp_path: Path) -> None:
    path = tmp_path / "r"
    other = Head("t", "words", 5, code={}, redacted=[])
    path.write_text(TEXT + head_line(other) + said_line("<", None, "[1]"), encoding="utf-8")
    assert [(each.head, len(each.said)) for each in read_recordings(path)] == [
        (HEAD, 100),
        (other, 1),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty; expected a recording"),
        (b"hello" * 100, "no whole line in it; expected a recording"),
        (gzip.compress(b"cut"), "no whole line in it; expected a recording"),
        (b"\x1f\x8bxx", "block 1 is damaged: "),
        (b"word\n", "1: 'word' is no line of a recording"),
        (b'["<",1,[2]]\n', "1: a line before the head of a recording"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(
    data: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "r"
    path.write_bytes(data)
    with pytest.raises(RecordingError) as caught:
        read_recordings(path)
    assert str(caught.value).startswith(f"{path}:")
    assert words in str(caught.value)


def test_without_zstandard_a_zstd_file_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "r"
    path.write_bytes(zstandard.compress(WHOLE))
    with pytest.raises(RecordingError) as caught:
        read_recordings(path)
    assert str(caught.value) == (
        f"{path}: compressed with zstd; expected zstandard to be installed: pip install zstandard"
    )


def test_the_head_is_read_from_the_beginning_of_a_file() -> None:
    assert read_head(TEXT.encode()[:700], "r") == HEAD
    with pytest.raises(RecordingError, match=r"^r: no head; expected a recording$"):
        read_head(TEXT.encode()[:20], "r")

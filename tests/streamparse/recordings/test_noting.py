"""Messages are noted in batches or one by one, and a recording says the same."""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zstandard

from streamparse.multilang import Reader
from streamparse.process import Input, Output
from streamparse.recordings import noting, read_recordings
from tests.support.messages import HEARTBEAT, tup
from tests.support.recorded_components import CONTEXT, Echo, lines, recordings, times


class Logging(Echo):
    """Emits; now and then it logs, and waits for task ids once."""

    def process(self, tup: Any) -> None:
        number = int(tup.id)
        if number % 500 == 0:
            self.log(f"at {number}")
        self.emit(tup.values, need_task_ids=number == self.waits_at)

    waits_at = -1


class Waiting(Logging):
    waits_at = 1800


class Raising(Logging):
    exit_on_exception = False

    def process(self, tup: Any) -> None:
        super().process(tup)
        if tup.id == "1700":
            raise ValueError("no")


def _through_pipes(
    cls: Any, directory: Path, messages: Sequence[object], record: object = True
) -> tuple[list[str], Any]:
    """Run a bolt on two pipes as a process has them; return what it has sent, and the bolt."""
    given, sent = directory / "given", directory / "sent"
    settings = {"topology.name": "t", "streamparse.log.path": str(directory)}
    handshake = {
        "pidDir": str(directory),
        "conf": {**settings, "streamparse.record": record},
        "context": CONTEXT,
    }
    given.write_text(
        "".join(
            (each if isinstance(each, str) else json.dumps(each)) + "\nend\n"
            for each in [handshake, *messages]
        )
    )
    with given.open("rb") as source, sent.open("wb") as target:
        output = Output(target.fileno())
        component = cls(Input(source.fileno(), output), output)
        with suppress(SystemExit):
            component.run()
    return sent.read_text().split("\nend\n")[1:-1], component


TUPLES = [tup(str(n), "dog", "x" * (n % 50)) for n in range(3000)]
AHEAD: list[object] = [*TUPLES[:1805], [7], *TUPLES[1805:]]
WITH_BEATS: list[object] = [*TUPLES[:1400], HEARTBEAT, *TUPLES[1400:]]
IN_LINES: list[object] = [*TUPLES[:1400], json.dumps(TUPLES[1400], indent=1), *TUPLES[1401:]]
NO_JSON: list[object] = [*TUPLES[:1400], "what?", *TUPLES[1400:]]
NOTHING: list[object] = [*TUPLES[:1400], "null", *TUPLES[1400:]]


@pytest.mark.parametrize(
    ("cls", "messages"),
    [
        (Logging, TUPLES),
        (Logging, WITH_BEATS),
        (Logging, IN_LINES),
        (Logging, NOTHING),
        (Waiting, AHEAD),
        (Raising, TUPLES),
        (Raising, NO_JSON),
    ],
    ids=["plain", "heartbeat", "lines", "null", "waits", "raises", "no JSON"],
)
def test_a_recording_says_the_same_whether_messages_are_noted_in_batches_or_one_by_one(
    cls: Any, messages: Sequence[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, batches = [], []
    for quick_ns in (0, 1 << 62):
        monkeypatch.setattr(noting, "QUICK_NS", quick_ns)
        directory = tmp_path / str(quick_ns)
        directory.mkdir()
        sent, _ = _through_pipes(cls, directory, messages)
        [recording] = recordings(directory)
        assert (recording.damage, sorted(times(recording))) == ("", times(recording))
        lines_ = [re.sub(r'File \\"[^"]*\\", line \d+', "", each) for each in lines(recording)]
        found.append(lines_)
        batches.append(_text(recording.path).count("\n@"))
        said_ = [each[2:] for each in lines(recording) if each[0] == ">"]
        assert said_ == [each for each in sent if each != '{"command": "sync"}' or cls is Raising]
    assert found[0][:-1] == found[1][:-1]
    if messages is not NO_JSON and messages is not NOTHING:  # which are no tuples
        assert found[0][-1] == found[1][-1]
    assert [batches[0], batches[1] > 0] == [0, True]


def test_the_limit_is_kept_to_the_tuple_within_a_batch_and_what_follows_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noting, "QUICK_NS", 1 << 62)
    sent, component = _through_pipes(Logging, tmp_path, TUPLES, {"tuples": 2501})
    [found] = recordings(tmp_path)
    acked = [line for line in lines(found) if '"ack"' in line]
    assert (len(acked), lines(found)[-1], len(sent)) == (2501, "= limit 2501", 6006)
    assert _text(found.path).count("\n@") > 0
    assert (
        type(component._pending_commands),
        type(component._outbox),
        type(component.input_stream._reader),
        component.input_stream.after_read,
        component.input_stream.before_wait,
    ) == (deque, Output, Reader, None, None)


def test_a_disk_that_is_full_within_a_batch_ends_the_recording_and_not_the_bolt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fills(Logging):
        def process(self, tup: Any) -> None:
            if tup.id == "1700":
                full = os.open("/dev/full", os.O_WRONLY)
                os.dup2(full, self._recorder._file._fd)  # type: ignore[union-attr]
                os.close(full)
            super().process(tup)

    monkeypatch.setattr(noting, "QUICK_NS", 1 << 62)
    sent, component = _through_pipes(Fills, tmp_path, TUPLES)
    [found] = recordings(tmp_path)
    said_lines = [json.loads(each) for each in sent]
    logged = [each["msg"] for each in said_lines if each["command"] == "log"]
    assert [each for each in logged if not each.startswith("at ")] == [
        "the recording has ended: OSError: [Errno 28] No space left on device"
    ]
    assert sum(each["command"] == "ack" for each in said_lines) == 3000
    assert (found.end, found.damage, len(found.said) > 1000) == (None, "", True)
    assert (type(component._pending_commands), type(component._outbox)) == (deque, Output)


def test_what_is_to_be_taken_out_is_in_no_batch_and_on_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noting, "QUICK_NS", 1 << 62)
    cards = [tup(str(n), "dog", f"4000-{n}") for n in range(3000)]
    sent, _ = _through_pipes(Logging, tmp_path, cards, {"redact": ["card"]})
    [found] = recordings(tmp_path)
    text = _text(found.path)
    assert ("4000-" in "".join(sent), "4000-" in text, "\n@" in text) == (True, False, False)
    assert text.count(json.dumps(["dog", {"streamparse": "redacted"}])) == 6000


def test_every_cut_of_a_recording_with_blocks_gives_the_messages_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noting, "QUICK_NS", 1 << 62)
    _through_pipes(Logging, tmp_path, TUPLES)
    [whole] = recordings(tmp_path)
    data = whole.path.read_bytes()
    lengths = []
    for cut in range(len(data) // 40, len(data), len(data) // 40):
        path = tmp_path / "cut"
        path.write_bytes(data[:cut])
        [found] = read_recordings(path)
        assert (found.end, found.damage, len(found.said) >= 2) == (None, "", True)
        same = zip(found.said, whole.said, strict=False)
        assert all(one[::2] == other[::2] for one, other in same)  # but for the last times
        lengths.append(len(found.said))
    assert (sorted(lengths), lengths[-1] > 5000) == (lengths, True)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        return reader.read().decode()

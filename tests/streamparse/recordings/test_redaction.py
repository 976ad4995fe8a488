"""What is redacted reaches no file: canaries in every place where a value can stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamparse import Bolt
from streamparse.recordings.redaction import without_secrets
from tests.support.messages import tup
from tests.support.recorded_components import Counting, Echo, lines, record, recordings

CANARY = "4000-1234"


def everything(directory: Path) -> str:
    """All that is in files there, decompressed; their names, too."""
    texts = []
    for path in directory.rglob("*"):
        texts.append(path.name)
        if path.is_file() and ".jsonl" not in path.name:
            texts.append(path.read_bytes().decode("utf-8", "replace"))
    for each in recordings(directory):
        texts += [repr(each.head), *map(repr, each.said)]
    return "\n".join(texts)


class Leaks(Bolt):
    """Puts a value wherever a component can."""

    def process(self, tup: Any) -> None:
        card = tup.values[1]
        self.log(f"saw {card}")
        self.report_metric("cards", card)
        self.emit(["dog", card], need_task_ids=False)
        self.emit([{"deep": [{"card": card}]}, "x"], need_task_ids=False)
        self.emit([card], stream="undeclared", need_task_ids=False)
        self.send_message({"command": "emit", "tuple": ["dog", card], "note": card})
        self.output_stream.write(f"no json {card}\nend\n")
        raise ValueError(card)


def test_a_redacted_value_reaches_no_file(tmp_path: Path) -> None:
    setting = {"redact": ["card"]}
    written = record(Leaks, tmp_path, setting, tup("1", "dog", CANARY), conf={"my.card": CANARY})
    assert (CANARY in written, CANARY in everything(tmp_path)) == (True, False)
    [found] = recordings(tmp_path)
    red = '{"streamparse": "redacted"}'
    assert (found.head.redacted, lines(found)) == (
        ["card"],
        [
            f'< {{"id": "1", "comp": "words", "stream": "default", "task": 5, "tuple": ["dog", {red}]}}',
            f'> {{"command": "log", "level": 2, "msg": {red}}}',
            f'> {{"command": "metrics", "name": "cards", "params": {red}}}',
            f'> {{"command": "emit", "need_task_ids": false, "anchors": ["1"], "tuple": ["dog", {red}]}}',
            f'> {{"command": "emit", "need_task_ids": false, "anchors": ["1"], '
            f'"tuple": [{{"deep": [{{"card": {red}}}]}}, {red}]}}',
            f'> {{"command": "emit", "stream": "undeclared", "need_task_ids": false, "anchors": ["1"], '
            f'"tuple": [{red}]}}',
            f'> {{"command": "emit", "tuple": ["dog", {red}]}}',
            "> ",
            '> {"command": "error", "msg": "Python ValueError raised"}',
            '> {"command": "sync"}',
            '> {"command": "fail", "id": "1"}',
            "= exception 1",
        ],
    )


def test_a_spouts_message_ids_are_numbered(tmp_path: Path) -> None:
    turn = {"command": "next", "id": ""}
    acked = {"command": "ack", "id": CANARY}
    record(Counting, tmp_path, {"redact": ["card"]}, turn, turn, acked, turn, turn, acked)
    [found] = recordings(tmp_path)
    assert CANARY not in everything(tmp_path)
    messages = [json.loads(line[2:]) for line in lines(found) if line[0] in "<>"]
    ids = [each["id"] for each in messages if each.get("id")]
    assert ids == ["id-1", "id-1", "id-2", "id-2"]


def test_no_value_is_kept_where_the_fields_are_not_known(tmp_path: Path) -> None:
    old = {"taskid": 4, "task->component": {"4": "count"}}  # of Storm 0.9
    record(Echo, tmp_path, {"redact": ["card"]}, tup("1", CANARY, "dog"), context=old)
    [found] = recordings(tmp_path)
    assert (CANARY in everything(tmp_path), json.loads(lines(found)[0][2:])["tuple"]) == (
        False,
        [{"streamparse": "redacted"}] * 2,
    )


def last_four(component: str, stream: str, values: list[Any]) -> list[Any]:
    return [component, stream, *(str(each)[-4:] for each in values)][-len(values) :]


def test_a_function_of_the_users_changes_values_before_they_are_kept(tmp_path: Path) -> None:
    setting = {"function": f"{__name__}.last_four"}
    record(Echo, tmp_path, setting, tup("1", "dog", CANARY))
    [found] = recordings(tmp_path)
    tuples = [json.loads(line[2:]).get("tuple") for line in lines(found)[:2]]
    assert (CANARY in everything(tmp_path), found.head.function, tuples) == (
        False,
        f"{__name__}.last_four",
        [["dog", "1234"], ["dog", "1234"]],
    )


@pytest.mark.parametrize(
    ("conf", "kept"),
    [
        ({"a.password": "x", "b": {"token": "y", "c": 1}}, {"b": {"c": 1}}),
        (
            {"storm.zookeeper.auth.payload": None, "n": [1]},
            {"storm.zookeeper.auth.payload": None, "n": [1]},
        ),
        ({"card": 1, "my.card": 2, "cards": 3}, {"cards": 3}),
    ],
)
def test_settings_that_are_secret_by_their_names_are_taken_out(conf: Any, kept: Any) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            found = {key: plain(each) for key, each in value.items()}
            return {key: each for key, each in found.items() if each != {"streamparse": "redacted"}}
        return value

    assert plain(without_secrets(conf, ["card"])) == kept

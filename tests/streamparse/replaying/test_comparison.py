"""Behaviour changes, each shown as a difference of tuples; what may differ; what a redaction has taken."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamparse import BatchingBolt, Bolt, Spout
from streamparse.recordings import REDACTED
from streamparse.storm import Tuple
from streamparse.testing import HarnessError, Storm
from tests.support import taped

PRICES = taped.context(
    "price",
    outputs={"default": ["item", "cents", "at"], "odd": ["item"]},
    inputs={"orders": {"default": ["item", "card"]}},
)


class Price(Bolt):
    """Prices what is ordered; what is odd goes to a stream of its own, and what is unknown fails."""

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.log("ready")
        self.orders: Counter[str] = Counter()

    def process(self, tup: Tuple) -> None:
        item = tup.values[0]
        self.orders[item] += 1
        if item == "void":
            self.fail(tup)
            return
        self.emit([item, self.cents(item), self.orders[item]])
        if len(item) % 2:
            self.emit([item], stream="odd")

    def cents(self, item: str) -> Any:
        return 100 * len(item)


ORDERS = [
    taped.given(number, item, "4711", source="orders")
    for number, item in enumerate(["tea", "void", "milk", "tea"], 1)
]


class Cheaper(Price):
    def cents(self, item: str) -> Any:
        return 95 * len(item) if item == "milk" else super().cents(item)


class OfAnotherType(Price):
    def cents(self, item: str) -> Any:
        return float(super().cents(item))


class OnceMore(Price):
    def process(self, tup: Tuple) -> None:
        super().process(tup)
        if tup.values[0] == "milk":
            self.emit(["milk", 1, 1])


class Silent(Price):
    def process(self, tup: Tuple) -> None:
        if tup.values[0] != "milk":
            super().process(tup)


class Acks(Price):
    def fail(self, tup: Any) -> None:
        self.ack(tup)


class Unanchored(Price):
    auto_anchor = False


class Raises(Price):
    def cents(self, item: str) -> Any:
        return {"tea": 300}[item]


class Logs(Price):
    def process(self, tup: Tuple) -> None:
        super().process(tup)
        if tup.values[0] == "milk":
            self.log("milk is sour", "warn")


class Forgets(Price):
    def process(self, tup: Tuple) -> None:
        self.orders.clear()
        super().process(tup)


class OtherOrder(Price):
    def process(self, tup: Tuple) -> None:
        item = tup.values[0]
        if item != "tea":
            super().process(tup)
            return
        self.orders[item] += 1
        self.emit([item], stream="odd")
        self.emit([item, self.cents(item), self.orders[item]])


class Strays(Price):
    def process(self, tup: Tuple) -> None:
        super().process(tup)
        if tup.values[0] == "milk":
            self.emit(["milk"], stream="od")


def recorded(path: Path, cls: Callable[[], object] = Price, **more: Any) -> Path:
    """A recording of the four orders."""
    return taped.write(
        path / "streamparse_shop_price_4_1.0.jsonl.gz",
        taped.tape(cls, ORDERS, shaken=taped.handshake(within=PRICES), **more),
    )


def unpacked(path: Path) -> str:
    """The text of a recording."""
    return gzip.decompress(path.read_bytes()).decode()


def differences(path: Path, cls: Callable[[], object], **tolerances: Any) -> str:
    """Every difference between a recording and a class, without the line above them."""
    with Storm(path) as storm:
        made = storm.replay(cls, recorded(path), check=False, **tolerances)
    return made.text().partition("\n")[2]


def test_unchanged_code_says_the_same(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        made = storm.replay(Price, recorded(tmp_path))
    assert (made.is_same, made.inputs, made.differing, made.text()) == (True, 4, 0, "")


#: Each change, and what a reader is shown of it.
PLANTED = {
    Cheaper: """\
  input 3: ["milk", "4711"] from orders
    - emit ["milk", 400, 1]
    + emit ["milk", 380, 1]
    ? cents: 400, now 380
      ack
""",
    OfAnotherType: """\
  input 1: ["tea", "4711"] from orders
    - emit ["tea", 300, 1]
    + emit ["tea", 300.0, 1]
    ? cents: 300, now 300.0
      emit ["tea"], on odd
      ack
  input 3: ["milk", "4711"] from orders
    - emit ["milk", 400, 1]
    + emit ["milk", 400.0, 1]
    ? cents: 400, now 400.0
      ack
  input 4: ["tea", "4711"] from orders
    - emit ["tea", 300, 2]
    + emit ["tea", 300.0, 2]
    ? cents: 300, now 300.0
      emit ["tea"], on odd
      ack
""",
    OnceMore: """\
  input 3: ["milk", "4711"] from orders
      emit ["milk", 400, 1]
    + emit ["milk", 1, 1]
      ack
""",
    Silent: """\
  input 3: ["milk", "4711"] from orders
    - emit ["milk", 400, 1]
      ack
""",
    Acks: """\
  input 2: ["void", "4711"] from orders
    - fail
    + ack
""",
    Unanchored: """\
  input 1: ["tea", "4711"] from orders
    - emit ["tea", 300, 1]
    - emit ["tea"], on odd
    + emit ["tea", 300, 1], not anchored
    + emit ["tea"], on odd, not anchored
      ack
  input 3: ["milk", "4711"] from orders
    - emit ["milk", 400, 1]
    + emit ["milk", 400, 1], not anchored
      ack
  input 4: ["tea", "4711"] from orders
    - emit ["tea", 300, 2]
    - emit ["tea"], on odd
    + emit ["tea", 300, 2], not anchored
    + emit ["tea"], on odd, not anchored
      ack
""",
    Raises: """\
  input 3: ["milk", "4711"] from orders
    - emit ["milk", 400, 1]
    - ack
    + error KeyError: 'milk' (test_comparison.py:LINE)
    + fail
    + it ends: ended with exit status 1
  input 4: ["tea", "4711"] from orders
    - emit ["tea", 300, 2]
    + emit ["tea", 300, 1]
    ? at: 2, now 1
      emit ["tea"], on odd
      ack
""",
    Logs: """\
  input 3: ["milk", "4711"] from orders
      emit ["milk", 400, 1]
    + log warn: milk is sour
      ack
""",
    Forgets: """\
  input 4: ["tea", "4711"] from orders
    - emit ["tea", 300, 2]
    + emit ["tea", 300, 1]
    ? at: 2, now 1
      emit ["tea"], on odd
      ack
""",
    OtherOrder: """\
  input 1: ["tea", "4711"] from orders
    + emit ["tea"], on odd
      emit ["tea", 300, 1]
    - emit ["tea"], on odd
      ack
  input 4: ["tea", "4711"] from orders
    + emit ["tea"], on odd
      emit ["tea", 300, 2]
    - emit ["tea"], on odd
      ack
""",
    Strays: """\
  input 3: ["milk", "4711"] from orders
      emit ["milk", 400, 1]
    - ack
    + emit ["milk"], on od
    + it ends: an emit on stream "od", which "price" does not declare; did you mean "odd"? (Storm: the worker dies: \
Unknown stream ID: od)
  input 4: ["tea", "4711"] from orders
    - emit ["tea", 300, 2]
    + emit ["tea", 300, 1]
    ? at: 2, now 1
      emit ["tea"], on odd
      ack
""",
}


@pytest.mark.parametrize("cls", PLANTED, ids=lambda cls: cls.__name__)
def test_a_changed_behaviour_is_shown_as_a_difference_of_tuples(
    cls: type[Price], tmp_path: Path
) -> None:
    line = Raises.cents.__code__.co_firstlineno + 1
    assert differences(tmp_path, cls) == PLANTED[cls].replace("LINE", str(line))


def test_the_first_difference_comes_with_how_many_there_are(tmp_path: Path) -> None:
    with (
        Storm(tmp_path) as storm,
        pytest.raises(AssertionError) as caught,
    ):
        storm.replay(OfAnotherType, recorded(tmp_path, code={"git": "v1.2-3-gabc"}))
    assert str(caught.value).splitlines()[1:] == [
        f"{__name__}.OfAnotherType, recorded as price (task 4) of wordcount: 3 of 4 inputs differ; "
        "the first (- recorded, + now; recorded with v1.2-3-gabc):",
        '  input 1: ["tea", "4711"] from orders',
        '    - emit ["tea", 300, 1]',
        '    + emit ["tea", 300.0, 1]',
        "    ? cents: 300, now 300.0",
        '      emit ["tea"], on odd',
        "      ack",
        "the others: input 3, 4",
        "if the change is right, accept it with Storm(..., update_recordings=True)",
    ]


@pytest.mark.parametrize(
    ("cls", "tolerances"),
    [
        (Forgets, {"ignore": ["at"]}),
        (OtherOrder, {"any_order": True}),
        (Logs, {"logs": False}),
    ],
)
def test_what_is_named_may_differ(
    cls: type[Price], tolerances: dict[str, Any], tmp_path: Path
) -> None:
    assert differences(tmp_path, cls) != ""
    assert differences(tmp_path, cls, **tolerances) == ""


def test_a_field_to_ignore_has_to_be_one_of_the_components(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm, pytest.raises(HarnessError) as caught:
        storm.replay(Price, recorded(tmp_path), ignore=["cent"])
    assert str(caught.value) == "ignore='cent': price emits no such field (did you mean \"cents\"?)"


class Direct(Bolt):
    """Emits to a task that it has chosen itself."""

    chosen = 9

    def process(self, tup: Tuple) -> None:
        self.emit(tup.values, direct_task=self.chosen)


class DirectElsewhere(Direct):
    chosen = 10


def test_the_tasks_of_direct_emits_may_differ_where_that_is_said(tmp_path: Path) -> None:
    shaken = taped.handshake(within=taped.context(outputs={"default": ["word"]}))
    path = taped.write(tmp_path / "r.jsonl", taped.tape(Direct, taped.words("dog"), shaken=shaken))
    with Storm(tmp_path) as storm:
        exact = storm.replay(DirectElsewhere, path, check=False)
        loose = storm.replay(DirectElsewhere, path, any_tasks=True)
    assert exact.text().splitlines()[1:] == [
        '  input 1: ["dog"] from words',
        '    - emit ["dog"], to task 9',
        '    + emit ["dog"], to task 10',
        "      ack",
    ]
    assert loose.is_same


def test_a_recording_that_was_cut_off_in_an_input_is_compared_up_to_there(tmp_path: Path) -> None:
    lines = unpacked(recorded(tmp_path, why="")).splitlines(keepends=True)
    assert '"ack"' in lines[-1]
    path = taped.write(tmp_path / "cut.jsonl", "".join(lines[:-2]))
    with Storm(tmp_path) as storm:
        assert storm.replay(Price, path).is_same
        made = storm.replay(Forgets, path, check=False)
    assert made.text().splitlines()[1] == (
        '  input 4: ["tea", "4711"] from orders (the recording ends in it)'
    )


# -- redaction


class UsesCard(Price):
    """Needs the card, which the recording does not have."""

    def process(self, tup: Tuple) -> None:
        if tup.values[0] == "milk":
            self.card = tup.values[1].upper()
        super().process(tup)


def redacted(path: Path) -> Path:
    """The same recording without the cards, and without what was emitted of item."""
    found = recorded(path, redacted=["card", "item"])
    text = unpacked(found)
    taken = json.dumps(REDACTED)
    text = text.replace('"4711"', taken).replace('"msg": "ready"', f'"msg": {taken}')
    text = text.replace('"tuple": ["milk", 400', f'"tuple": [{taken}, 400')
    return taped.write(path / "redacted.jsonl", text)


def test_what_a_redaction_has_taken_is_not_compared(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        assert storm.replay(Price, redacted(tmp_path)).is_same
        made = storm.replay(Cheaper, redacted(tmp_path), check=False)
    assert made.text().splitlines()[1:] == [
        '  input 3: ["milk", {"streamparse": "redacted"}] from orders',
        '    - emit [{"streamparse": "redacted"}, 400, 1]',
        '    + emit [{"streamparse": "redacted"}, 380, 1]',
        "    ? cents: 400, now 380",
        "      ack",
    ]


def test_a_component_that_needs_what_was_taken_is_replayed_as_far_as_it_goes(
    tmp_path: Path,
) -> None:
    path = redacted(tmp_path)
    with Storm(tmp_path) as storm:
        made = storm.replay(UsesCard, path)
    assert made.is_same
    assert storm.warnings == [
        f"{path}: input 3 is not compared: price needs card, which the redaction took: "
        "AttributeError: 'dict' object has no attribute 'upper'"
    ]


class Measures(Price):
    """Sends a message that no Storm knows, and a metric that no topology file registers, which ends it."""

    def process(self, tup: Tuple) -> None:
        super().process(tup)
        self.send_message({"command": "measured"})
        self.report_metric("orders", {"of": tup.values[0]})


class MeasuresMore(Price):
    def process(self, tup: Tuple) -> None:
        super().process(tup)
        self.send_message({"command": "weighed"})
        self.report_metric("orders", {"of": tup.values[0], "more": True})


def test_metrics_and_other_messages_are_compared_but_for_what_a_redaction_has_taken(
    tmp_path: Path,
) -> None:
    text = unpacked(recorded(tmp_path, Measures, redacted=["card"]))
    redacted = text.replace('{"of": "milk"}', json.dumps(REDACTED))
    path = taped.write(tmp_path / "redacted.jsonl", redacted)
    whole = recorded(tmp_path, Measures)

    def said_otherwise(cls: Callable[[], object], path: Path) -> list[str]:
        with Storm(tmp_path, strict=False) as storm:
            text = storm.replay(cls, path, check=False).text()
        milk = text.partition('["milk"')[2].partition("input 4")[0]
        return [line for line in milk.splitlines() if line.startswith(("    -", "    +"))]

    ends = [
        "    - ack",
        "    + it ends: a value for the metric 'orders', which no topology file can register (Storm: the worker dies: "
        "Could not find metric by name[orders])",
    ]
    assert text != redacted
    assert said_otherwise(Measures, path) == ends
    assert said_otherwise(MeasuresMore, whole) == [
        '    - a message with the command "measured"',
        '    - metric "orders": {"of": "milk"}',
        ends[0],
        '    + a message with the command "weighed"',
        '    + metric "orders": {"of": "milk", "more": true}',
        ends[1],
    ]


# -- spouts and batches


class Numbers(Spout):
    """Three numbers, under ids of their own making."""

    prefix = "id"

    def initialize(self, storm_conf: Any, context: Any) -> None:
        self.left = [1, 2, 3]
        self.pending: dict[str, int] = {}

    def next_tuple(self) -> None:
        if self.left:
            number = self.left.pop(0)
            name = f"{self.prefix}-{number}"
            self.pending[name] = number
            self.emit([number], tup_id=name, need_task_ids=False)

    def ack(self, tup_id: str) -> None:
        self.log(f"done: {self.pending.pop(tup_id)}")

    def fail(self, tup_id: str) -> None:
        self.left.append(self.pending[tup_id])


class OtherIds(Numbers):
    prefix = "name"


class GivesUp(Numbers):
    def fail(self, tup_id: str) -> None:
        del self.pending[tup_id]


COMMANDS = [
    taped.command("activate"),
    taped.command("next"),
    taped.command("next"),
    taped.command("fail", "id-1"),
    taped.command("ack", "id-2"),
    *[taped.command("next")] * 6,
    taped.command("ack", "id-1"),
    taped.command("deactivate"),
]


def spouts(path: Path) -> Path:
    """A recording of a spout."""
    within = taped.context("numbers", outputs={"default": ["number"]}, inputs={})
    text = taped.tape(Numbers, COMMANDS, shaken=taped.handshake(within=within))
    assert '["~",' in text, "some turns were idle"
    return taped.write(path / "numbers.jsonl", text)


def test_message_ids_mean_nothing_and_may_be_others(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        assert [storm.replay(cls, spouts(tmp_path)).text() for cls in (Numbers, OtherIds)] == [
            "",
            "",
        ]


def test_a_spout_that_does_not_retry_any_more_is_noticed(tmp_path: Path) -> None:
    with Storm(tmp_path) as storm:
        made = storm.replay(GivesUp, spouts(tmp_path), check=False)
    assert made.text().splitlines()[1:4] == [
        "  input 7: next",
        '    - emit [1], id "id-1"',
        '  input 9: ack "id-1"',
    ]


class Batches(BatchingBolt):
    """Counts words, at every second tick."""

    def group_key(self, tup: Tuple) -> Any:
        return tup.values[0]

    def process_batch(self, key: Any, tups: list[Tuple]) -> None:
        self.emit([key, len(tups)])


class OneBatch(Batches):
    def group_key(self, tup: Tuple) -> Any:
        return "all"


def test_ticks_are_inputs_and_a_batch_belongs_to_its_tick(tmp_path: Path) -> None:
    inputs = [*taped.words("dog", "cat", "dog"), taped.tick(1), taped.tick(2)]
    path = taped.write(tmp_path / "batches.jsonl", taped.tape(Batches, inputs))
    with Storm(tmp_path) as storm:
        assert storm.replay(Batches, path).is_same
        made = storm.replay(OneBatch, path, check=False)
    assert made.text().splitlines()[1:] == [
        "  input 5: tick",
        "      ack",
        '    - emit ["dog", 2], anchored to input 1, input 3',
        '    + emit ["all", 3], anchored to input 1, input 2, input 3',
        '    ? word: "dog", now "all"',
        "    ? count: 2, now 3",
        "      ack of input 1",
        "    + ack of input 2",
        "      ack of input 3",
        '    - emit ["cat", 1], anchored to input 2',
        "    - ack of input 2",
    ]

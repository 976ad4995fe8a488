"""Attributes of components that are misspelt, or have a value that they cannot have."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from textwrap import dedent

import pytest

from streamparse.project.attribute_checks import ClassText, check_attributes

NOBODY = "is read by nobody; did you mean "
TICKS = (
    "is read by nobody; ticks are asked for in the topology file: "
    ':conf {"topology.tick.tuple.freq.secs" 1}'
)


def found(text: str, library: Sequence[str] = ("Bolt",), *, is_known: bool = True) -> list[str]:
    """What is found in the classes of this text, the derived ones first, as if they were in line 11 of a file."""
    classes = [
        ClassText("m.py", 11, node)
        for node in reversed(ast.parse(dedent(text)).body)
        if isinstance(node, ast.ClassDef)
    ]
    return [str(each) for each in check_attributes(classes, library, is_known=is_known)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("autoack", "auto_ack"),
        ("auto_akc", "auto_ack"),
        ("autoAck", "auto_ack"),
        ("AUTO_ACK", "auto_ack"),
        ("auto_acks", "auto_ack"),
        ("auto_ak", "auto_ack"),
        ("auto_fial", "auto_fail"),
        ("auto_faill", "auto_fail"),
        ("auto_anchoring", "auto_anchor"),
        ("auto_ancor", "auto_anchor"),
        ("ticks_between_batch", "ticks_between_batches"),
        ("tick_between_batches", "ticks_between_batches"),
        ("seconds_between_batches", "secs_between_batches"),
        ("secs_between_batchs", "secs_between_batches"),
    ],
)
def test_a_misspelt_attribute_is_found(name: str, meant: str) -> None:
    assert found(f"class B(Bolt):\n    {name} = False") == [f'm.py:12: B.{name} {NOBODY}"{meant}"?']


@pytest.mark.parametrize(
    "name", ["tick_freq", "tick_freq_secs", "tick_tuple_freq_secs", "tick_interval"]
)
def test_an_attribute_for_ticks_is_sent_to_the_topology_file(name: str) -> None:
    assert found(f"class B(Bolt):\n    {name} = 5") == [f"m.py:12: B.{name} {TICKS}"]


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ('auto_ack = "no"', 'auto_ack is "no", which counts as True; expected True or False'),
        ("auto_ack = None", "auto_ack is None, which counts as False; expected True or False"),
        ("auto_anchor = 1", "auto_anchor is 1, which counts as True; expected True or False"),
        ("auto_fail: int = 0", "auto_fail is 0, which counts as False; expected True or False"),
        ("auto_ack = auto_fail = []", "auto_ack is [], which counts as False; expected True or False"),
        ('ticks_between_batches = "2"', 'ticks_between_batches is "2"; expected a number, at least 0'),
        ("ticks_between_batches = True", "ticks_between_batches is True; expected a number, at least 0"),
        ("ticks_between_batches = -1", "ticks_between_batches is -1; expected a number, at least 0"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_found(line: str, finding: str) -> None:
    text = f"class B(BatchingBolt):\n    {line}"
    assert found(text, ["BatchingBolt"])[0] == f"m.py:12: B.{finding}"
    assert found(text, ["BatchingBolt"], is_known=False) == found(text, ["BatchingBolt"])


def test_an_attribute_that_a_method_gives_is_found_too() -> None:
    text = """
        class B(Bolt):
            def initialize(this, conf, context):
                this.auto_ack = "false"
                this.auto_akc = False
        """
    assert found(text) == [
        'm.py:14: B.auto_ack is "false", which counts as True; expected True or False',
        f'm.py:15: B.auto_akc {NOBODY}"auto_ack"?',
    ]


@pytest.mark.parametrize(
    ("text", "library", "finding"),
    [
        ("class B(Bolt):\n    ticks_between_batches = 2", "Bolt", "ticks_between_batches does nothing here; "
         "expected it in a BatchingBolt"),
        ("class B(Spout):\n    auto_ack = False", "Spout", "auto_ack does nothing here; expected it in a bolt"),
        ("class B(T):\n    ticks_between_batches = 2", "TicklessBatchingBolt", "ticks_between_batches does nothing "
         "here; expected it in a BatchingBolt"),
    ],
)  # fmt: skip
def test_an_attribute_of_another_class_of_ours_is_found(
    text: str, library: str, finding: str
) -> None:
    assert found(text, [library]) == [f"m.py:12: B.{finding}"]


@pytest.mark.parametrize(
    "text",
    [
        "auto_ack = False\n    auto_anchor = auto_fail = True",
        "auto_ack: bool",
        "auto_ack = SETTING\n    auto_fail = not SETTING",
        "auto_back = automatic = auto = ack = acks = anchor = auto_commit = fail_fast = True",
        "auto_mail = auto_tail = auto_pack = auto_act = auto_scale = auto_flush = True",
        "ticks = tick_count = last_tick = ticks_seen = ticks_per_batch = batch_size = 3",
        "secs_between_flushes = ticks_between_flushes = seconds = 3",
        "outputs = ['a']",
        "auto_akc = True\n    def process(self, tup): self.done = self.auto_akc",
        "tick_freq = 5\n    def process(self, tup): self.emit([B.tick_freq])",
        "autoack = True\n    def process(self, tup): getattr(self, 'autoack')",
        "def process(self, tup): other.auto_akc = 1",
        "def auto_acks(self): pass",
    ],
)
def test_an_attribute_of_the_users_own_is_not_complained_of(text: str) -> None:
    assert found(f"class B(Bolt):\n    {text}") == []


def test_an_attribute_that_a_base_class_reads_is_the_users_own() -> None:
    text = "class A(Bolt):\n    def f(self): return self.auto_akc\nclass B(A):\n    auto_akc = 1"
    assert found(text) == []


def test_a_base_class_that_is_not_known_may_read_an_attribute() -> None:
    assert found("class B(Bolt):\n    auto_akc = False", is_known=False) == []

"""The data of a page: JSON that can stand in HTML."""

from __future__ import annotations

import json

from simulator.page.data import dump, run_json
from tests.support.pages import source_of
from tests.support.table_top import bolt, spout, topology_text

RUN = topology_text(
    spout('[["keep" 1] ["join" 2]]', outputs='["a" "b"]'),
    bolt("b", "Obeys", outputs='["n"]') + bolt("c", "Tells", '{"b" :shuffle}'),
)


def test_a_run_is_columns_that_refer_to_each_other() -> None:
    data = run_json(source_of(RUN, seconds=1.0))
    texts, emits = data["texts"], data["emits"]
    assert [texts[each] for each in emits["values"]] == ['["keep",1]', '["join",2]', "[2]"]
    assert (emits["anchors"], emits["trees"]) == ([-1, -1, [0, 1]], [[0], [1], [0, 1]])
    assert [data["outcomes"][each] for each in data["trees"]["outcome"]] == ["acked", "acked"]
    assert data["copies"]["start"] == [1, 2, 3]
    assert [(at, texts[text], copy) for at, _, _, text, copy in data["logs"]] == [
        (0, "sent ['keep', 1] to [3]", -1),
        (1, "sent ['join', 2] to [3]", -1),
        (3, "b[3] default [2]", 2),
        (4, "acked 0", -1),
        (4, "acked 1", -1),
    ]


def test_printed_json_has_nothing_that_html_or_a_script_reads() -> None:
    hostile = "</script><script>alert(1)</script><!-- \u2028 \ud800 \x00 é"
    printed = dump({"texts": [hostile]})
    assert ("<" in printed, printed.isascii()) == (False, True)
    assert json.loads(printed) == {"texts": [hostile]}

"""The trees of a message id as text."""

from __future__ import annotations

from simulator.engine import events
from simulator.traces import TreeBuilder, id_text, tree_lines
from simulator.traces.tree_text import MOST_LINES, MOST_REASONS
from tests.support.recorded import CRASH, NAMES, PLAIN, counted, rooted


def lines(id_json: str, *happened: events.Event) -> list[str]:
    builder = TreeBuilder(NAMES, lambda emit: emit.id_json == id_json)
    for event in happened:
        builder.read(event)
    return id_text(builder.roots)


def test_every_attempt_has_its_tree_and_why_it_failed() -> None:
    assert lines("0", *CRASH) == [
        "id 0 of words[5]: 2 attempts: 1 timeout, 1 acked",
        "",
        'attempt 1: words[5] emits ["dog"] at 0 ms; failed by timeout at 120 s',
        '  count[4] gets ["dog"]: lost: its task died at 2 ms, and was started again',
        '  why: count[4] died at 2 ms and had ["dog"]',
        "",
        'attempt 2: words[5] emits ["dog"] at 120.001 s; acked at 120.004 s',
        '  count[4] gets ["dog"]: acked at 120.002 s',
        '    emits ["dog", 1] at 120.002 s',
        '      store[6] gets ["dog", 1]: acked at 120.003 s',
    ]


def test_one_attempt_takes_one_line_less() -> None:
    assert lines("1", *PLAIN)[:3] == [
        "id 1 of words[5]: acked at 4 ms",
        "",
        'attempt 1: words[5] emits ["cat"] at 1 ms; acked at 4 ms',
    ]


def test_streams_and_joins_are_shown_and_a_join_is_not_repeated() -> None:
    joined = events.Emit(1, "count", 4, "pairs", "[1]", None, ("1", "2"), ((6, "3"),))
    assert lines("0", rooted(0, "dog", 0, (4, "1"), (3, "2")), joined)[2:-2] == [
        'attempt 1: words[5] emits ["dog"] at 0 ms; still pending',
        '  count[4] gets ["dog"]: held: neither acked nor failed',
        "    emits [1] on pairs at 1 ms (anchored to 2 tuples)",
        "      store[6] gets [1] on pairs: held: neither acked nor failed",
        '  count[3] gets ["dog"]: held: neither acked nor failed',
        "    emits [1] on pairs at 1 ms (anchored to 2 tuples)",
        "      (its copies are above)",
        '  why: count[4] neither acked nor failed ["dog"], sent to it at 0 ms',
    ]


def test_a_large_tree_is_cut_and_so_are_many_reasons() -> None:
    copies = tuple((4, str(number)) for number in range(1000))
    found = lines("0", rooted(0, "dog", 0, *copies))
    assert len(found) == 2 + MOST_LINES + 1 + MOST_REASONS + 1
    assert found[2 + MOST_LINES] == "  (the tree is larger: only its beginning is shown)"
    assert found[-1] == f"  why: and {1000 - MOST_REASONS} more copies"


def test_a_tree_that_a_loop_has_made_deep_is_not_indented_without_end() -> None:
    chain = [counted(1, 4, "a", n, str(n), (4, str(n + 1))) for n in range(100)]
    builder = TreeBuilder(NAMES)
    for event in [rooted(0, "a", 0, (4, "0")), *chain]:
        builder.read(event)
    assert max(len(line) - len(line.lstrip()) for line in tree_lines(builder.roots[0])) == 40

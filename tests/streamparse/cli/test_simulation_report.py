"""The report of ``sparse simulate``; test_simulate.py has whole reports of real runs."""

from simulator.engine import ComponentReport, Failure, Report
from streamparse.cli.simulation_report import busy, explained, table


def test_the_same_error_of_several_components_is_told_once() -> None:
    failures = [Failure(name, task, "ended with exit status 1", error="ImportError: no driver")
                for name, task in (("a", 3), ("a", 4), ("b", 5))]  # fmt: skip
    assert list(explained(failures)) == [
        "error: a[3, 4], b[5]: ended with exit status 1\nits last error:\n    ImportError: no driver"
    ]


def test_a_line_break_in_an_id_is_shown_as_an_escape() -> None:
    one = ComponentReport("a\n", "bolt", [3], {}, 0, 0, 0, 0, 0, None, 0, 0.0)
    report = Report(
        "t", "2.8.3", 0, 0, "time", {"a\n": one}, {"a\n": {"default": [["x"]]}}, "0", [], []
    )
    assert (table(report), busy(report)) == (
        "t: 0 virtual seconds like Storm 2.8.3, seed 0; time is up\n\n"
        "component  tasks  emitted  executed  acked  failed  pending  latency\n"
        "a\\n            3        0         0      0       0\n\n"
        'a\\n emitted last:\n    ["x"]\n\ntrace 0',
        "busy: a\\n 0.00 s",
    )

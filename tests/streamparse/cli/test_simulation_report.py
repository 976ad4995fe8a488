"""The report of ``sparse simulate``; test_simulate.py has whole reports of real runs."""

from simulator.engine import Failure
from streamparse.cli.simulation_report import explained


def test_the_same_error_of_several_components_is_told_once() -> None:
    failures = [Failure(name, task, "ended with exit status 1", error="ImportError: no driver")
                for name, task in (("a", 3), ("a", 4), ("b", 5))]  # fmt: skip
    assert list(explained(failures)) == [
        "error: a[3, 4], b[5]: ended with exit status 1\nits last error:\n    ImportError: no driver"
    ]

"""Laws that every topology should keep, judged from the events of explored runs, and the report of what it keeps."""

from simulator.laws.check import Check, Subject
from simulator.laws.report import Guarantees, LawReport
from simulator.laws.table import DEFAULT, LAWS, Law, chosen_laws

__all__ = [
    "DEFAULT",
    "LAWS",
    "Check",
    "Guarantees",
    "Law",
    "LawReport",
    "Subject",
    "chosen_laws",
]

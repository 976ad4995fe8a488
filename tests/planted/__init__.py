"""Pairs of a planted bug and its twin, which is right: what ``storm.explore`` and ``storm.check`` have to tell apart.

Each pair is a small topology with rows, and what has to hold of it. The pairs are grouped by theme, a module each, and
``pair.Pair`` describes one. ``python -m tests.planted`` looks for every bug with several seeds and prints a table;
``--into docs/planted-bugs.md`` writes it into the page.
"""

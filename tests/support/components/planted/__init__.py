"""Bugs planted for ``storm.explore`` to find: each component is subtly wrong, and has a twin that is right.

All are mistakes that people make on Storm and that a test without faults does not show (but for one, which it may
or may not). The topologies are in the ``.clj`` files beside this one.
"""

"""Topology files: Clojure text that becomes a ``Topology`` without being run."""

from simulator.clj.file import parse_topology, read_topology

__all__ = ["parse_topology", "read_topology"]

"""The conversations that real Storms held with the components of captures/capture.clj.

``captures/<version>/<role>.in`` is what Storm wrote to a component and ``.out`` what the component
wrote back. They were recorded in local mode, with components made by pystorm; paths were replaced
by ``/storm/...``. The second sink's ``.out`` says nothing that the first's does not, and is left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simulator.clj.file import parse_topology
from simulator.model.topology import Topology
from streamparse.multilang import Reader

VERSIONS = ("0.9.4", "0.10.2", "1.2.4", "2.8.3")
ROLES = ("spout", "bolt", "sink1", "sink2")
SPEAKERS = ("spout", "bolt", "sink1")

#: What the recorded topology was submitted with.
OPTIONS = {
    "topology.acker.executors": 1,
    "topology.max.spout.pending": 100,
    "topology.message.timeout.secs": 6,
    "topology.python.path": "python",
}

_CAPTURES = Path(__file__).parent / "captures"


def heard(version: str, role: str) -> list[bytes]:
    """Every message that Storm wrote to the component, the handshake first."""
    return _messages(_CAPTURES / version / f"{role}.in")


def said(version: str, role: str) -> list[bytes]:
    """Every message that the component wrote, its pid first."""
    return _messages(_CAPTURES / version / f"{role}.out")


def handshake(version: str, role: str) -> dict[str, Any]:
    """The first message that Storm wrote. Any: its conf holds any JSON value."""
    first: dict[str, Any] = json.loads(heard(version, role)[0])
    return first


def topology() -> Topology:
    """The topology that was recorded."""
    path = _CAPTURES / "capture.clj"
    return parse_topology(path.read_text(encoding="utf-8"), path=path.name, options=OPTIONS)


def _messages(path: Path) -> list[bytes]:
    return Reader().feed(path.read_bytes())

"""A project for submissions, whose cluster and tools remember whether anybody has asked them."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from streamparse.cli.sparse import main

TOPOLOGY = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{"word-spout" (python-spout-spec options "spouts.WordSpout" ["word"])}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "bolts.CountBolt" ["word" "count"])}])
"""

PROJECT_CLJ = """(defproject words "1"
  :dependencies [[org.clojure/clojure "1.11.1"] [org.apache.storm/storm-clojure "2.8.3"]])
"""

CLASS = "from streamparse import Bolt, Spout\n\n\nclass {}:\n    pass\n"

FILES = {
    "topologies/words.clj": TOPOLOGY,
    "src/spouts.py": CLASS.format("WordSpout(Spout)"),
    "src/bolts.py": CLASS.format("CountBolt(Bolt)"),
    "virtualenvs/words.txt": "streamparse\n",
    "project.clj": PROJECT_CLJ,
}

TOOL = '#!/bin/sh\ntouch "$(dirname "$0")/asked"\nexit 1\n'


class SubmitProject:
    """A project whose cluster and tools remember whether anybody has asked them."""

    def __init__(self, directory: Path, server: socket.socket) -> None:
        self.directory = directory
        self.tools = directory / "tools"
        self._server = server
        host, port = server.getsockname()
        self.environment: dict[str, object] = {
            "nimbus": f"{host}:{port}",
            "workers": [f"{host}:{port}"],
            "use_ssh_for_nimbus": False,
            "virtualenv_root": "/data/virtualenvs",
        }
        self.config()
        for name, text in FILES.items():
            self.write(name, text)
        for name in ("lein", "java"):
            self.write(f"tools/{name}", TOOL)
            (self.tools / name).chmod(0o755)

    def write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def config(self, **settings: object) -> None:
        """The environment with these settings; None takes one away."""
        section = {**self.environment, **settings}
        given = {key: value for key, value in section.items() if value is not None}
        self.write("config.json", json.dumps({"envs": {"prod": given}}))

    def was_asked(self) -> bool:
        """Whether somebody has called at the cluster, or a tool was started."""
        if (self.tools / "asked").exists():
            return True
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


def sparse_lines(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str]]:
    """Exit status, and what it says."""
    status = main(argv)
    out, err = capsys.readouterr()
    return status, [*out.splitlines(), *err.splitlines()]

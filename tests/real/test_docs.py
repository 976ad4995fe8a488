"""docs/clusters.md, followed to the letter: a real LocalCluster, a real cluster, real machines over ssh."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import sshd
from tests.support.real_site import made_site
from tests.test_docs import PAGES, Session, blocks

pytestmark = [
    pytest.mark.real_storm,
    pytest.mark.real_ssh,
]


def test_the_page_on_a_submit_without_a_jvm_does_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "storm").mkdir()
    with (
        sshd.hosts("worker1", "worker2") as hosts,
        made_site("2.8.3", tmp_path / "storm", hosts) as site,
    ):
        session = Session(tmp_path)
        session.env = {**site.env, **session.env, **hosts.env}
        for tool in ("lein", "java"):  # in front of the machine's own
            write_tool(tmp_path / "bin" / tool)
        typed = 0
        for block in blocks(PAGES["docs/thrift.md"]):
            if block.file:
                session.keep(block.file, block.text)
            if block.language == "shellsession":
                # What the page shows before this block is for storm1.example.com.
                text = (site.project / "config.json").read_text(encoding="utf-8")
                session.keep("config.json", text)
                typed += 1
            if block.language in ("console", "shellsession"):
                session.type(block, f"docs/thrift.md:{block.line}")
        assert not (tmp_path / "bin" / "started").exists()
    assert typed == 2


def write_tool(path: Path) -> None:
    """A program that leaves a trace when somebody starts it."""
    path.write_text('#!/bin/sh\ntouch "$(dirname "$0")/started"\nexit 1\n', encoding="utf-8")
    path.chmod(0o755)


def test_the_page_on_real_storms_does_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "storm").mkdir()
    with (
        sshd.hosts("worker1", "worker2") as hosts,
        made_site("2.8.3", tmp_path / "storm", hosts) as site,
    ):
        session = Session(tmp_path)
        session.env = {**site.env, **session.env, **hosts.env}
        typed = 0
        for block in blocks(PAGES["docs/clusters.md"]):
            if block.file:
                session.keep(block.file, block.text)
            if "submit --dry-run" in block.text:
                # What the page shows before this block is for storm1.example.com.
                text = (site.project / "config.json").read_text(encoding="utf-8")
                session.keep("config.json", text)
            if block.language == "shellsession":
                session.type(block, f"docs/clusters.md:{block.line}")
                typed += 1
            if "sparse submit -o" in block.text:
                site.project = session.directory
                site.tail_until("dog: 1000$")
    assert typed == 8

"""``sparse update_virtualenv``: what it builds, and what an interrupt leaves."""

from __future__ import annotations

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cli.sparse import main
from tests.support.ssh_project import (
    NAME,
    config,
    is_step,
    left_behind,
    python_of,
    require,
    sparse,
    stuck,
    update,
    version_on,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_virtualenvs_are_built_on_all_workers_and_then_there_already(
    hosts: Hosts, ssh_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require(ssh_project, f"streamparse=={__version__}")
    status = main(["update_virtualenv", "-n", NAME])
    said = capsys.readouterr()
    assert (
        status,
        said.err,
        [line.partition(",")[0] for line in sorted(said.out.splitlines()) if not is_step(line)],
    ) == (
        0,
        "",
        ["worker1: created", "worker2: created"],
    )
    python = python_of(hosts, ssh_project / "virtualenvs" / f"{NAME}.txt")
    assert [version_on(worker, python) for worker in hosts.by_name] == [f"{__version__}\n"] * 2
    assert update(hosts, require(ssh_project, f"streamparse=={__version__}")) == [
        "worker1: there already",
        "worker2: there already",
    ]
    assert left_behind(hosts) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_pip_is_at_work_ends_it_there_and_leaves_nothing(
    hosts: Hosts, ssh_project: Path, number: signal.Signals
) -> None:
    asked = threading.Barrier(3)
    over = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        """An index that is asked by both workers' pips and does not answer."""

        def do_GET(self) -> None:
            asked.wait()
            over.wait()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    require(
        ssh_project,
        f"--index-url http://127.0.0.1:{server.server_port}/",
        "more",
    )
    with server, sparse(hosts, "update_virtualenv", "-n", NAME) as process:
        asked.wait()
        process.send_signal(number)
        assert process.wait() == 130
        for worker in hosts.by_name.values():
            worker.wait_until_idle()
        over.set()
        server.shutdown()
    assert left_behind(hosts) == []


def test_an_interrupt_while_a_virtualenv_is_made_takes_the_half_of_it_away(
    hosts: Hosts, ssh_project: Path
) -> None:
    virtualenvs = hosts.data / "virtualenvs"
    fifo = hosts.data / "begun"
    os.mkfifo(fifo)
    fifo.chmod(0o666)
    config(
        ssh_project,
        hosts,
        workers=["worker1"],
        virtualenv_flags="-p /tmp/../" + str(stuck(hosts, fifo)),
    )
    before = {*virtualenvs.glob(f"{NAME}-*/bin")}
    with sparse(hosts, "update_virtualenv", "-n", NAME) as process:
        fifo.read_text()  # which waits for the writer
        half = {*virtualenvs.glob(f"{NAME}-*/bin")} - before
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    hosts["worker1"].wait_until_idle()
    assert (
        len(half),
        {*virtualenvs.glob(f"{NAME}-*/bin")} - before,
        left_behind(hosts),
    ) == (1, set(), [])


def test_what_a_run_leaves_that_is_killed_is_swept_by_the_next(
    hosts: Hosts, ssh_project: Path
) -> None:
    virtualenvs = hosts.data / "virtualenvs"
    fifo = hosts.data / "begun to be killed"
    os.mkfifo(fifo)
    fifo.chmod(0o666)
    before = {*virtualenvs.glob(f"{NAME}-*")}
    config(ssh_project, hosts, workers=["worker1"], virtualenv_flags=f"-p '{stuck(hosts, fifo)}'")
    with sparse(hosts, "update_virtualenv", "-n", NAME) as process:
        fifo.read_text()  # which waits for the writer
        process.kill()
        process.wait()
    (half,) = {*virtualenvs.glob(f"{NAME}-*")} - before
    left = left_behind(hosts)
    update(hosts, require(ssh_project), workers=["worker1"])
    hosts["worker1"].wait_until_idle()
    assert (left, half.exists(), left_behind(hosts)) == (["files", half.name], False, [])

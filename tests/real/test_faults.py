"""What can go wrong on a topology's way to a cluster: what is said of it, and what is left behind, which is nothing."""

from __future__ import annotations

import dataclasses
import operator
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from streamparse.cluster import ThriftNimbus, topology_status
from tests.support import sshd
from tests.support.ports import refusing_port
from tests.support.real_site import Site, made_site
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import project_clj
from tests.support.waiting import HANG_SECS, until

pytestmark = [
    pytest.mark.real_storm,
    pytest.mark.real_ssh,
    pytest.mark.xdist_group("real_faults"),
]

PENDING = ("-o", "topology.max.spout.pending=10")  # or the words take the whole machine
MARK = "STREAMPARSE_TEST"  # in the environment of all that a command starts

WAITING = (
    "-f",
    "--wait",
    f"{HANG_SECS:.0f}",
)  # the topology that is killed is there until all is over

UNTOUCHED = "no topology was touched; `sparse submit -n wordcount -e prod{}` begins again"
KILLED = (
    "the old wordcount is killed and the new one is not submitted; "
    "`sparse submit -n wordcount -e prod -f` finishes it"
)
SUBMITTED = "wordcount is submitted; `sparse list -e prod` shows it"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        sshd.hosts("worker1", "worker2", "full", small={"full": "4m"}) as hosts,
        made_site(
            "2.8.3", tmp_path_factory.mktemp("storm"), hosts,
            settings={"nimbus.slots.perTopology": 4},
        ) as made,
    ):  # fmt: skip
        temporary = made.cluster.directory / "tmp"
        temporary.mkdir()
        there = f"-Djava.io.tmpdir={temporary}"
        made.env |= {
            MARK: str(os.getpid()),
            "TMPDIR": str(temporary),
            "JVM_OPTS": f"{made.env['JVM_OPTS']} {there}",
            "LEIN_JVM_OPTS": f"-XX:TieredStopAtLevel=1 {there}",
        }
        yield made


@pytest.fixture
def site(cluster: Site, tmp_path: Path) -> Iterator[Site]:
    """The cluster with nothing running on it, and a project for this test alone; nothing is left of what it did."""
    project = tmp_path / "wordcount"
    shutil.copytree(cluster.project, project, ignore=shutil.ignore_patterns("_build", "logs"))
    made = dataclasses.replace(cluster, project=project)
    made.config(workers=["worker1", "worker2"], use_virtualenv=False)
    yield made
    # What a command has started may end a little later than the command.
    until(started, operator.not_)
    for name in ("worker1", "worker2", "full"):
        made.hosts[name].wait_until_idle()
    temporary = cluster.cluster.directory / "tmp"
    assert ([*temporary.iterdir()], (project / "_resources").exists()) == ([], False)
    nimbus = ThriftNimbus(made.cluster.nimbus)
    if nimbus.kill("wordcount", 0):
        until(lambda: topology_status(nimbus, "wordcount"), operator.not_)


def started() -> list[str]:
    """The command lines of what was started by a command, and has not ended."""
    mark = f"{MARK}={os.getpid()}".encode()
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                if mark in (directory / "environ").read_bytes().split(b"\0"):
                    found.append((directory / "cmdline").read_text().replace("\0", " "))
            except OSError:  # it has ended just now
                continue
    return found


def running(site: Site) -> dict[str, str]:
    return {each.name: each.status for each in ThriftNimbus(site.cluster.nimbus).topologies()}


def submit(site: Site, *arguments: str) -> tuple[int, list[str]]:
    """Exit status, and what was said on stderr but for what is indented."""
    ended = site.sparse("submit", *PENDING, *arguments)
    return ended.returncode, [line for line in ended.stderr.splitlines() if line[:1] != " "]


Sparse = subprocess.Popen[str]


def ctrl_c(sparse: Sparse) -> None:
    sparse.send_signal(signal.SIGINT)


def at_line(
    site: Site, pattern: str, act: Callable[[Sparse], object], *arguments: str
) -> tuple[int, list[str]]:
    """The same, when something is done as soon as it says this."""
    argv = [sys.executable, "-m", "streamparse.cli.sparse", "submit", *PENDING, *arguments]
    with subprocess.Popen(
        argv,
        cwd=site.project,
        env=site.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if re.search(pattern, line):
                act(process)
                break
        else:
            pytest.fail(f"it never said {pattern}:\n{said}{process.communicate()[1]}")
        _, err = process.communicate()
    return process.returncode, [line for line in err.splitlines() if line[:1] != " "]


@contextmanager
def replaced(path: Path, text: str) -> Iterator[None]:
    """A file with another text, while this lasts."""
    before = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def pip_conf(site: Site, worker: str) -> Path:
    return site.hosts[worker].directory / "home" / ".config" / "pip" / "pip.conf"


def write(site: Site, name: str, text: str) -> None:
    (site.project / name).write_text(text, encoding="utf-8")


# -- the cluster -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("port", "error"),
    [
        (
            "free",
            "nimbus worker1:{} does not answer, asked over ssh: connect failed; is nimbus running there, and is "
            "the port envs.prod.nimbus names its thrift port?",
        ),
        (
            "zookeeper",
            "nimbus worker1:{} does not answer as Storm does (TSocket read 0 bytes); is that its thrift port?",
        ),
    ],
)
def test_no_nimbus_at_the_port_is_said_with_what_to_look_at(
    site: Site, port: str, error: str
) -> None:
    with refusing_port() as free:
        number = free if port == "free" else site.cluster.nimbus[1] - 1
        site.config(workers=["worker1"], use_virtualenv=False, nimbus=f"worker1:{number}")
        status, said = submit(site)
    assert (status, said) == (1, [UNTOUCHED.format(""), f"error: {error.format(number)}"])


def test_a_tunnel_that_dies_after_the_kill_leaves_the_command_that_finishes(site: Site) -> None:
    there = {"nimbus": f"worker2:{site.cluster.nimbus[1]}", "use_virtualenv": False}
    site.config(**there)
    site.done("submit", *PENDING)
    status, said = at_line(
        site,
        "waiting until it is gone",
        lambda sparse: site.hosts["worker2"].stop(),
        *WAITING,
    )
    assert (status, said[:2], running(site)) == (
        1,
        [
            KILLED,
            "error: the ssh connection to worker2 was lost while nimbus was being used; run it again",
        ],
        {"wordcount": "KILLED"},
    )

    site.hosts["worker2"].start()
    refused = submit(site)
    site.done(*re.findall(r"`sparse (.*)`", KILLED)[0].split(), "--wait", "0", *PENDING)
    assert (refused, running(site)) == (
        (
            1,
            [
                UNTOUCHED.format(""),
                "error: topology wordcount is killed and not gone yet; `sparse submit -f` waits for that",
            ],
        ),
        {"wordcount": "ACTIVE"},
    )


def test_what_nimbus_refuses_is_not_submitted_and_with_force_the_old_one_is_gone(
    site: Site,
) -> None:
    error = "error: Failed to submit topology. Topology requests more than 4 workers."
    first = submit(site, "-w", "5")
    site.done("submit", *PENDING)
    assert (first, submit(site, "-w", "5", "-f", "--wait", "0"), running(site)) == (
        (1, [UNTOUCHED.format(""), error]),
        (1, [KILLED, error]),
        {},
    )


def test_another_storm_is_found_out_before_the_old_topology_is_killed(site: Site) -> None:
    site.done("submit", *PENDING)
    write(site, "project.clj", project_clj("1.2.4", "wordcount"))
    assert (submit(site, "-f", "--wait", "0"), running(site)) == (
        (
            1,
            [
                UNTOUCHED.format(" -f"),
                "error: the cluster runs Storm 2.8, project.clj has 1.2.4; a topology needs the cluster's version",
            ],
        ),
        {"wordcount": "ACTIVE"},
    )


def test_what_clojure_alone_finds_is_told_with_its_place_and_all_of_it_with_debug(
    site: Site,
) -> None:
    site.done("submit", *PENDING)
    topology = site.project / "topologies" / "wordcount.clj"
    text = topology.read_text(encoding="utf-8")
    at = text.index("(defn")
    write(site, "topologies/wordcount.clj", f"{text[:at]}(defn unused [] (not-there))\n{text[at:]}")
    line = text[:at].count("\n") + 1
    error = f"error: topologies/wordcount.clj:{line}:17: Unable to resolve symbol: not-there in this context"
    plain = site.sparse("submit", "-f")
    whole = site.sparse("submit", "-f", "-d")
    assert (plain.returncode, plain.stderr.splitlines(), running(site)) == (
        1,
        [UNTOUCHED.format(" -f"), error],
        {"wordcount": "ACTIVE"},
    )
    assert (whole.returncode, whole.stderr.splitlines()[:2]) == (1, plain.stderr.splitlines())
    assert re.search(r"^    \tat clojure\.lang\.Compiler\.analyze", whole.stderr, re.MULTILINE)


Answer = Callable[[bytes, socket.socket, socket.socket], bytes]


@contextmanager
def way(nimbus: tuple[str, int], answer: Answer) -> Iterator[tuple[str, int]]:
    """A way to Nimbus.

    Args:
        answer: returns the answer to a question, given a connection to Nimbus and the socket that takes those to the
            way; nothing ends the connection.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:

        def join(client: socket.socket) -> None:
            # Whoever has asked may be gone when there is an answer.
            with suppress(OSError), client, socket.create_connection(nimbus) as there:
                while (question := frame(client)) and (found := answer(question, there, server)):
                    client.sendall(found)

        def accept() -> None:
            with suppress(OSError):  # it is over
                while True:
                    threading.Thread(target=join, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()
        with suppress(OSError):  # it is so already
            server.shutdown(socket.SHUT_RDWR)


def lossy(nimbus: tuple[str, int], lost: str) -> AbstractContextManager[tuple[str, int]]:
    """A way to Nimbus on which a submit, or its answer, is lost; and then perhaps the way itself."""

    def answer(question: bytes, there: socket.socket, server: socket.socket) -> bytes:
        is_submit = b"submitTopology" in question
        if is_submit and lost == "question":
            return b""
        there.sendall(question)
        found = frame(there)
        if is_submit and lost == "way":
            server.shutdown(socket.SHUT_RDWR)
        return b"" if is_submit else found

    return way(nimbus, answer)


def frame(connection: socket.socket) -> bytes:
    """A message of Thrift's framed transport; nothing at the end."""
    with connection.makefile("rb", buffering=0) as file:
        head = file.read(4)
        body = b""
        while head and len(body) < int.from_bytes(head, "big"):
            body += file.read(int.from_bytes(head, "big") - len(body))
    return head + body


@pytest.mark.parametrize(
    ("lost", "outcome", "left"),
    [
        ("question", UNTOUCHED.format(""), {}),
        ("answer", SUBMITTED, {"wordcount": "ACTIVE"}),
        (
            "way",
            "wordcount may or may not have been submitted; `sparse list -e prod` shows it if it was",
            {"wordcount": "ACTIVE"},
        ),
    ],
)
def test_after_a_submit_without_an_answer_nimbus_is_asked_what_became_of_it(
    site: Site, lost: str, outcome: str, left: dict[str, str]
) -> None:
    with lossy(site.cluster.nimbus, lost) as (host, port):
        site.config(use_virtualenv=False, use_ssh_for_nimbus=False, nimbus=f"{host}:{port}")
        assert (submit(site), running(site)) == (
            (
                1,
                [
                    outcome,
                    f"error: nimbus {host}:{port} gave no answer (Socket is closed by peer.)",
                ],
            ),
            left,
        )


# -- the workers -------------------------------------------------------------------------------------------------


def test_a_worker_that_is_not_as_it_should_be_stops_the_submit(site: Site) -> None:
    def ends(worker: str) -> tuple[int, list[str], dict[str, str]]:
        site.config(workers=["worker1", worker])
        status, said = submit(site)
        return status, said, running(site)

    def stopped(error: str) -> tuple[int, list[str], dict[str, str]]:
        return 1, [UNTOUCHED.format(""), f"error: {error}"], {}

    def unbuilt(cause: str) -> tuple[int, list[str], dict[str, str]]:
        return stopped(
            f"wordcount has no good virtualenv on 1 of 2 workers: {cause}; "
            "fix that and run it again; the finished workers stay as they are"
        )

    assert ends("full") == unbuilt("full: virtualenv: No space left on device")

    with replaced(site.hosts["worker2"].directory / "authorized_keys", ""):
        assert ends("worker2") == stopped(
            "worker2: the user is refused: none of the keys of ssh's agent and configuration is accepted; "
            "see that ssh worker2 works without a password"
        )

    with replaced(pip_conf(site, "worker2"), "[global]\nno-index = true\n"):
        assert ends("worker2") == unbuilt(
            "worker2: pip: No matching distribution found for simplejson>=3.19"
        )


# -- hooks -------------------------------------------------------------------------------------------------------

HOOK = """\
def {}(topology_name, env_name, env_config):
    print("in the hook", flush=True)
    {}
"""


@pytest.mark.parametrize(
    ("when", "outcome", "left"),
    [("pre_submit", UNTOUCHED.format(""), {}), ("post_submit", SUBMITTED, {"wordcount": "ACTIVE"})],
)
def test_a_hook_that_raises_is_told_with_its_place_and_what_the_cluster_is_like(
    site: Site, when: str, outcome: str, left: dict[str, str]
) -> None:
    write(site, "tasks.py", HOOK.format(when, 'raise RuntimeError("no answer from the pager")'))
    assert (submit(site), running(site)) == (
        (1, [outcome, "error: tasks.py:3: RuntimeError: no answer from the pager"]),
        left,
    )


# -- Ctrl-C ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "outcome", "left"),
    [("pre_submit", UNTOUCHED.format(""), {}), ("post_submit", SUBMITTED, {"wordcount": "ACTIVE"})],
)
def test_ctrl_c_in_a_hook_says_what_the_cluster_is_like(
    site: Site, when: str, outcome: str, left: dict[str, str]
) -> None:
    write(site, "tasks.py", HOOK.format(when, "__import__('signal').pause()"))
    assert (at_line(site, "in the hook", ctrl_c), running(site)) == (
        (130, [f"interrupted: {outcome}"]),
        left,
    )


def stop_reading(sparse: Sparse) -> None:
    assert sparse.stdout is not None
    sparse.stdout.close()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (ctrl_c, 130),
        (Sparse.terminate, 130),
        (lambda sparse: sparse.send_signal(signal.SIGHUP), 130),
        (stop_reading, 141),
    ],
    ids=["Ctrl-C", "SIGTERM", "no terminal", "no reader"],
)
def test_whatever_ends_it_while_the_jar_is_built_leaves_the_cluster_untouched(
    site: Site, end: Callable[[Sparse], object], status: int
) -> None:
    assert (at_line(site, "building the jar", end), running(site)) == (
        (status, [f"interrupted: {UNTOUCHED.format('')}"]),
        {},
    )


def test_ctrl_c_while_virtualenvs_are_built_leaves_nothing_at_work_there(site: Site) -> None:
    site.config(virtualenv_root=str(site.hosts.data / "virtualenvs" / "new"))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # pip waits for its answer
        url = "http://{}:{}/simple".format(*silent.getsockname())
        with replaced(
            pip_conf(site, "worker2"), f"[global]\nindex-url = {url}\ntimeout = {HANG_SECS:.0f}\n"
        ):
            ended = at_line(site, "^worker1: created", ctrl_c)
    assert (ended, running(site), requirements_there(site)) == (
        (130, [f"interrupted: {UNTOUCHED.format('')}"]),
        {},
        [],
    )


def requirements_there(site: Site) -> list[Path]:
    """What pip was to read on the workers, which is theirs for a while only."""
    records = (
        site.hosts[name].data / "virtualenvs/new/.streamparse-wordcount"
        for name in ("worker1", "worker2")
    )
    return [path for directory in records for path in directory.glob("files")]


def test_ctrl_c_while_the_old_topology_ends_leaves_the_command_that_finishes(site: Site) -> None:
    site.done("submit", *PENDING)
    ended = at_line(site, "waiting until it is gone", ctrl_c, *WAITING)
    assert (ended, running(site)) == ((130, [f"interrupted: {KILLED}"]), {"wordcount": "KILLED"})
    site.done(*re.findall(r"`sparse (.*)`", KILLED)[0].split(), "--wait", "0", *PENDING)
    assert running(site) == {"wordcount": "ACTIVE"}


@contextmanager
def held(nimbus: tuple[str, int], method: str) -> Iterator[tuple[int, threading.Event]]:
    """A way to Nimbus on which a question is held until the event is set, or until all is over: at which port."""
    let_go = threading.Event()
    is_over = False

    def answer(question: bytes, there: socket.socket) -> bytes:
        if method.encode() in question:
            let_go.wait()
        if is_over:
            return b""
        there.sendall(question)
        return frame(there)

    with way(nimbus, lambda question, there, _: answer(question, there)) as address:
        try:
            yield address[1], let_go
        finally:
            is_over = True
            let_go.set()


def test_ctrl_c_while_the_topology_is_submitted_waits_to_know_that_it_is(site: Site) -> None:
    with held(site.cluster.nimbus, "submitTopology") as (port, let_go):

        def act(sparse: Sparse) -> None:
            ctrl_c(sparse)
            let_go.set()

        site.config(use_virtualenv=False, nimbus=f"worker1:{port}")
        ended = at_line(site, "submitting wordcount to prod", act)
    assert (ended, running(site)) == ((130, [f"interrupted: {SUBMITTED}"]), {"wordcount": "ACTIVE"})


def test_ctrl_c_while_the_jar_is_uploaded_leaves_the_cluster_untouched(site: Site) -> None:
    with held(site.cluster.nimbus, "uploadChunk") as (port, _):
        site.config(use_virtualenv=False, nimbus=f"worker1:{port}")
        ended = at_line(site, "uploading the jar", ctrl_c)
    assert (ended, running(site)) == ((130, [f"interrupted: {UNTOUCHED.format('')}"]), {})


# -- another line ------------------------------------------------------------------------------------------------


def test_an_old_cluster_is_told_from_a_new_one(site: Site, tmp_path: Path) -> None:
    with StormCluster("0.9.4", tmp_path / "storm") as old:
        host, port = old.nimbus
        site.config(use_virtualenv=False, use_ssh_for_nimbus=False, nimbus=f"{host}:{port}")
        assert submit(site) == (
            1,
            [
                UNTOUCHED.format(""),
                "error: nimbus does not answer as Storm 2.8.3 does, which project.clj has "
                "(Required field 'nimbuses' is unset!); is the cluster's another?",
            ],
        )

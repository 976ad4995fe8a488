"""``list`` and ``kill``, and the waiting of ``submit -f``, where Nimbus is a Thrift server of our own.

The server's interface is Storm 2.8.3's, with much that we do not ask for; its numbers are from the classes in Storm's
jar. What real Nimbuses answer is in test_real_nimbus.py.
"""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import thriftpy2
from thriftpy2.protocol.binary import TBinaryProtocolFactory
from thriftpy2.thrift import TProcessor
from thriftpy2.transport import TTransportException
from thriftpy2.transport.framed import TFramedTransportFactory
from thriftpy2.transport.socket import TSocket

from streamparse.cli.sparse import main
from streamparse.cluster import nimbus
from streamparse.project import OperationError

STORM = thriftpy2.load_fp(
    io.StringIO("""
struct SupervisorSummary {
  1: required string host, 2: required i32 uptime_secs, 3: required i32 num_workers,
  4: required i32 num_used_workers, 5: required string supervisor_id, 6: optional string version,
  7: optional map<string, double> total_resources
}
struct TopologySummary {
  1: required string id, 2: required string name, 3: required i32 num_tasks, 4: required i32 num_executors,
  5: required i32 num_workers, 6: required i32 uptime_secs, 7: required string status, 8: optional string storm_version,
  9: optional string topology_version, 513: optional string sched_status, 514: optional string owner,
  515: optional i32 replication_count, 521: optional double requested_memonheap,
  527: optional map<string, double> requested_generic_resources
}
struct NimbusSummary { 1: required string host, 2: required i32 port, 3: required i32 uptime_secs }
struct ClusterSummary {
  1: required list<SupervisorSummary> supervisors, 2: optional i32 nimbus_uptime_secs,
  3: required list<TopologySummary> topologies, 4: required list<NimbusSummary> nimbuses
}
struct KillOptions { 1: optional i32 wait_secs }
exception NotAliveException { 1: required string msg }
exception AuthorizationException { 1: required string msg }
service Nimbus {
  ClusterSummary getClusterInfo() throws (1: AuthorizationException aze),
  void killTopologyWithOpts(1: string name, 2: KillOptions options)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
}
service Other { void ping() }
"""),
    "storm_2_8_3_thrift",
)


class TableTopNimbus:
    """What a Nimbus does, without a cluster behind it.

    Attributes:
        killed: name and waiting time of each topology that was killed.
    """

    def __init__(self, *names: str, refuses: bool = False) -> None:
        self.names = [*names]
        self.killed: list[tuple[str, int]] = []
        self._refuses = refuses

    def getClusterInfo(self) -> Any:
        self._authorize()
        return STORM.ClusterSummary(
            supervisors=[STORM.SupervisorSummary("w1", 9, 4, 1, "s-1", "2.8.3", {"cpu": 400.0})],
            topologies=[self._summary(number, name) for number, name in enumerate(self.names, 1)],
            nimbuses=[STORM.NimbusSummary("n1", 6627, 9)],
        )

    def killTopologyWithOpts(self, name: str, options: Any) -> None:
        self._authorize()
        if name not in self.names:
            raise STORM.NotAliveException(f"{name} is not alive")
        self.killed.append((name, options.wait_secs))

    def _authorize(self) -> None:
        if self._refuses:
            raise STORM.AuthorizationException("getClusterInfo is not authorized")

    def _summary(self, number: int, name: str) -> Any:
        return STORM.TopologySummary(
            id=f"{name}-{number}-1700000000",
            name=name,
            num_tasks=number + 5,
            num_executors=number + 4,
            num_workers=number,
            uptime_secs=number * 3700,
            status="KILLED" if name in dict(self.killed) else "ACTIVE",
            storm_version="2.8.3",
            owner="storm",
            replication_count=1,
            requested_memonheap=128.0,
            requested_generic_resources={"gpu": 0.0},
        )


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port at which each connection is given to ``answer``, one after the other."""

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:  # it is over
                return
            with connection:
                answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def serving(handler: object, service: Any = STORM.Nimbus) -> Any:
    processor = TProcessor(service, handler)

    def answer(connection: socket.socket) -> None:
        plain = TSocket(sock=connection)  # type: ignore[no-untyped-call]  # here and below: thriftpy2 0.7
        framed = TFramedTransportFactory().get_transport(plain)  # type: ignore[no-untyped-call]
        protocol = TBinaryProtocolFactory().get_protocol(framed)  # type: ignore[no-untyped-call]
        try:
            while True:
                processor.process(protocol, protocol)
        except TTransportException:  # the client is gone
            pass

    return listening(answer)


Sparse = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sparse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sparse:
    """Run a command in a project with the topology wordcount, whose Nimbus is at this port; status, stdout, stderr."""
    (tmp_path / "topologies").mkdir()
    (tmp_path / "topologies" / "wordcount.clj").touch()
    monkeypatch.chdir(tmp_path)

    def run(port: int, *argv: str) -> tuple[int, str, str]:
        prod = {"nimbus": f"127.0.0.1:{port}", "use_ssh_for_nimbus": False}
        (tmp_path / "config.json").write_text(json.dumps({"envs": {"prod": prod}}))
        status = main(argv)
        return (status, *capsys.readouterr())

    return run


# -- list --------------------------------------------------------------------------------------------------------


def test_list_shows_a_row_for_each_topology(sparse: Sparse) -> None:
    with serving(TableTopNimbus("wordcount", "clicks")) as port:
        assert sparse(port, "list") == (
            0,
            "name       status  workers  executors  tasks  uptime\n"
            "clicks     ACTIVE        2          6      7  2h 3m 20s\n"
            "wordcount  ACTIVE        1          5      6  1h 1m 40s\n",
            "",
        )


def test_list_as_json_is_an_array_of_what_is_known_of_each(sparse: Sparse) -> None:
    with serving(TableTopNimbus("wordcount")) as port:
        status, out, err = sparse(port, "list", "--json")
    assert (status, json.loads(out), err) == (
        0,
        [
            {
                "id": "wordcount-1-1700000000",
                "name": "wordcount",
                "status": "ACTIVE",
                "workers": 1,
                "executors": 5,
                "tasks": 6,
                "uptime_secs": 3700,
            }
        ],
        "",
    )


def test_list_says_when_nothing_runs(sparse: Sparse) -> None:
    with serving(TableTopNimbus()) as port:
        assert sparse(port, "list") == (0, "No topologies running.\n", "")
        assert sparse(port, "list", "--json") == (0, "[]\n", "")


# -- kill --------------------------------------------------------------------------------------------------------


def test_kill_stops_a_topology_that_has_no_file_here(sparse: Sparse) -> None:
    cluster = TableTopNimbus("wordcount", "clicks")
    with serving(cluster) as port:
        status, out, err = sparse(port, "kill", "clicks", "--wait", "30")
    assert (status, cluster.killed, err) == (0, [("clicks", 30)], "")
    assert out == (
        f"killing clicks on prod (127.0.0.1:{port})\nclicks is killed; its workers end in 30 s\n"
    )


@pytest.mark.parametrize("words", [[], ["-n", "wordcount"], ["wordcount", "--name", "wordcount"]])
def test_kill_takes_the_projects_topology_and_waits_5_s_when_nothing_else_is_said(
    sparse: Sparse, words: list[str]
) -> None:
    cluster = TableTopNimbus("wordcount", "clicks")
    with serving(cluster) as port:
        assert sparse(port, "kill", *words)[0] == 0
    assert cluster.killed == [("wordcount", 5)]


@pytest.mark.parametrize(
    ("running", "remedy"),
    [
        (["wordcount", "clicks"], 'did you mean "wordcount"?'),
        (["clicks", "abuse"], "there are abuse, clicks"),
        ([*"abcdefghij"], "there are a, b, c, d, e, f, g, h and 2 more"),
        ([], "there is none"),
    ],
)
def test_kill_of_what_does_not_run_names_the_nearest_that_does(
    sparse: Sparse, running: list[str], remedy: str
) -> None:
    with serving(TableTopNimbus(*running)) as port:
        status, _, err = sparse(port, "kill", "wordcout")
    assert (status, err) == (1, f'error: topology "wordcout" is not running; {remedy}\n')


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["a", "-n", "b"], "a and -n b: one topology at a time"),
        (["a", "--wait", "-1"], "--wait -1: no time is less than 0"),
        ([""], "the name of a topology is empty; `sparse list` shows those that run"),
    ],
)
def test_kill_refuses_a_command_line_that_is_no_good_and_asks_nobody(
    sparse: Sparse, words: list[str], error: str
) -> None:
    assert sparse(1, "kill", *words) == (2, "", f"error: {error}\n")


# -- a Nimbus that cannot be asked -------------------------------------------------------------------------------


def error_of(action: Callable[[], object]) -> str:
    with pytest.raises(OperationError) as caught:
        action()
    return caught.value.line


def at(port: int) -> nimbus.ThriftNimbus:
    return nimbus.ThriftNimbus(("127.0.0.1", port))


def test_a_nimbus_that_is_down_is_said_in_one_line(sparse: Sparse) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    status, out, err = sparse(port, "list")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"error: nimbus 127.0.0.1:{port} does not answer: connection refused; ")
    assert error_of(at(port).topologies) == (
        f"nimbus 127.0.0.1:{port} does not answer: Connection refused; "
        "is it running there, and is that its thrift port?"
    )


def test_a_nimbus_that_goes_before_it_answers_is_said_in_one_line() -> None:
    with listening(lambda connection: None) as port:
        line = error_of(at(port).topologies)
    assert line.startswith(f"nimbus 127.0.0.1:{port} does not answer as Storm does (")
    assert line.endswith("); is that its thrift port?")


@pytest.mark.parametrize(
    "rubbish",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\xff\xff\xff\xff" * 9,
        b"\0\0\0\0" * 9,
        b"\0\0\0\x08\x80\x01\0\x02\0\0\0\0",
        b'\0\0\0\x09{"json":}',
    ],
)
def test_a_server_of_another_kind_is_said_in_one_line(rubbish: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(rubbish)

    with listening(answer) as port:
        line = error_of(at(port).topologies)
    assert line.startswith(f"nimbus 127.0.0.1:{port} does not answer as Storm does (")
    assert line.endswith("); is that its thrift port?")


def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    asked = threading.Event()

    def answer(connection: socket.socket) -> None:
        asked.wait()

    with listening(answer) as port:
        try:
            line = error_of(nimbus.ThriftNimbus(("127.0.0.1", port), answer_secs=0.05).topologies)
        finally:
            asked.set()
    assert line == (
        f"nimbus 127.0.0.1:{port} takes connections but gave no answer in 0.05 s; is that its thrift port?"
    )


def test_what_somebody_is_not_allowed_is_said_with_storms_own_words() -> None:
    with serving(TableTopNimbus("a", refuses=True)) as port:
        assert error_of(at(port).topologies) == (
            f"nimbus 127.0.0.1:{port} does not let you list topologies: getClusterInfo is not authorized"
        )


def test_what_nimbus_cannot_do_is_said_with_where_to_look() -> None:
    with serving(object(), STORM.Other) as port:
        assert error_of(lambda: at(port).kill("a", 5)) == (
            f"nimbus 127.0.0.1:{port} could not kill a: Unknown method; its log tells why "
            "(where there are several, `nimbus` should name the leader)"
        )


def test_the_status_of_a_topology_is_nimbus_own_word_for_it() -> None:
    cluster = TableTopNimbus("wordcount", "clicks")
    with serving(cluster) as port:
        nimbus.kill(at(port), "clicks", 5)
        found = {name: nimbus.status(at(port), name) for name in ("wordcount", "clicks", "word")}
    assert found == {"wordcount": "ACTIVE", "clicks": "KILLED", "word": None}

"""Requests to Nimbus, where that is a Thrift server of our own or a JVM that only prints.

What real Nimbuses answer is in tests/real/test_nimbus.py.
"""

from __future__ import annotations

import io
import json
import socket
import threading

import pytest

from streamparse.cluster import nimbus
from tests.support.cluster_command import ClusterCommand
from tests.support.errors import error_of
from tests.support.lein_project import LeinProject
from tests.support.nimbus_server import STORM, NimbusServer, listening, serving
from tests.support.ports import refusing_port


def at(port: int) -> nimbus.ThriftNimbus:
    return nimbus.ThriftNimbus(("127.0.0.1", port))


def test_a_nimbus_that_is_down_is_said_in_one_line(sparse_at_nimbus: ClusterCommand) -> None:
    with refusing_port() as port:
        status, out, err = sparse_at_nimbus(port, "list")
        told = error_of(at(port).topologies)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"error: nimbus 127.0.0.1:{port} does not answer: connection refused; ")
    assert told == (
        f"nimbus 127.0.0.1:{port} does not answer: Connection refused; "
        "is it running there, and is that its thrift port?"
    )


def test_a_nimbus_that_goes_before_it_answers_is_said_in_one_line() -> None:
    with listening(lambda connection: None) as port:
        line = error_of(at(port).topologies)
    assert line.startswith(f"nimbus 127.0.0.1:{port} does not answer as Storm does (")
    assert line.endswith("); is that its thrift port?")


def test_behind_a_tunnel_nimbus_has_the_name_that_config_json_gives_it() -> None:
    with refusing_port() as port:
        client = nimbus.ThriftNimbus(("127.0.0.1", port), name="storm1:6627")
        assert error_of(client.topologies).startswith("nimbus storm1:6627 does not answer: ")


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


def test_a_nimbus_that_is_secured_is_told_from_a_server_of_another_kind() -> None:
    def respond(connection: socket.socket) -> None:
        asked = connection.recv(1000)
        if asked[0] == 1:  # the START of SASL; to anything else Storm 2.8 says nothing
            connection.sendall(b"\3\0\0\0\x06Refuse")

    with listening(respond) as port:
        line = error_of(at(port).topologies)
    assert line == (
        f"nimbus 127.0.0.1:{port} speaks SASL (Kerberos or digest), which thriftpy2 does not; Storm's own client does, "
        "in the JVM that Leiningen starts"
    )


def test_an_answer_in_another_protocol_is_not_waited_for_to_its_end() -> None:
    over = threading.Event()

    def respond(connection: socket.socket) -> None:
        if connection.recv(1000)[0] == 0:  # what is asked first
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            over.wait()

    with listening(respond) as port:
        client = nimbus.ThriftNimbus(("127.0.0.1", port), answer_secs=3600)
        try:
            with client.client("be asked") as asked, pytest.raises(ValueError, match="no frame"):
                asked.getClusterInfo()
        finally:
            over.set()


def test_the_version_of_a_cluster_is_what_nimbus_tells() -> None:
    with serving(NimbusServer(version="1.2.4")) as port:
        assert at(port).version() == "1.2.4"


def test_a_jar_is_uploaded_in_parts_of_half_a_megabyte() -> None:
    cluster = NimbusServer()
    content = bytes(range(256)) * 5000
    sent: list[int] = []
    with serving(cluster) as port:
        place = at(port).upload(io.BytesIO(content), sent.append)
    *parts, end = cluster.uploads[place]
    assert (b"".join(parts), end, sent) == (content, b"", [524288, 1048576, 1280000])


def test_what_somebody_is_not_allowed_is_said_with_storms_own_words() -> None:
    with serving(NimbusServer("a", refuses=True)) as port:
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
    cluster = NimbusServer("wordcount", "clicks")
    with serving(cluster) as port:
        nimbus.kill_topology(at(port), "clicks", 5)
        found = {
            name: nimbus.topology_status(at(port), name) for name in ("wordcount", "clicks", "word")
        }
    assert found == {"wordcount": "ACTIVE", "clicks": "KILLED", "word": None}


# -- through a JVM -----------------------------------------------------------------------------------------------


def test_without_a_thrift_client_the_same_summaries_come_from_our_clojure(
    lein_project: LeinProject,
) -> None:
    summary = {
        "id": "words-1-17", "name": "words", "status": "ACTIVE",
        "num-workers": 1, "num-executors": 5, "num-tasks": 6, "uptime-secs": 9,
    }  # fmt: skip
    lein_project.java_prints(json.dumps([summary]))
    client = nimbus.LeinNimbus(("127.0.0.1", 1), lein_project.project)
    assert client.topologies() == [
        nimbus.TopologySummary("words-1-17", "words", "ACTIVE", 1, 5, 6, 9)
    ]


@pytest.mark.parametrize("killed", [True, False])
def test_without_a_thrift_client_our_clojure_tells_whether_there_was_anything_to_kill(
    lein_project: LeinProject, killed: bool
) -> None:
    lein_project.java_prints(json.dumps({"killed": killed}))
    client = nimbus.LeinNimbus(("127.0.0.1", 1), lein_project.project)
    assert client.kill("words", 5) is killed


def test_what_our_clojure_finds_wrong_is_the_error_and_what_is_no_json_is_shown(
    lein_project: LeinProject,
) -> None:
    client = nimbus.LeinNimbus(("127.0.0.1", 1), lein_project.project)
    lein_project.java_prints(errors=("error: nimbus does not answer",), status=1)
    refused = error_of(lambda: client.kill("words", 5))
    lein_project.java_prints("listening")
    assert (refused, error_of(client.topologies)) == (
        "nimbus does not answer",
        "the output of Storm's client (list) is no JSON",
    )

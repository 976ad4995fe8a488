"""A Nimbus that is secured, of real Storms: what thriftpy2 cannot speak is told by its name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from streamparse.cluster import ThriftNimbus
from streamparse.project import OperationError
from tests.support.ports import claimed_port
from tests.support.storm_cluster import StormCluster
from tests.support.storm_lines import require
from tests.support.waiting import HANG_SECS

pytestmark = pytest.mark.real_storm

JAAS = """\
StormServer { org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="secret"; };
StormClient { org.apache.zookeeper.server.auth.DigestLoginModule required username="bob" password="secret"; };
"""


def refusal(port: int) -> str:
    with pytest.raises(OperationError) as caught:
        ThriftNimbus(("127.0.0.1", port), answer_secs=HANG_SECS).topologies()
    return caught.value.line


def expected(port: int, security: str) -> str:
    return (
        f"nimbus 127.0.0.1:{port} speaks {security}, which thriftpy2 does not; Storm's own client does, in the JVM "
        "that Leiningen starts"
    )


@pytest.mark.parametrize(
    ("version", "package"),
    [
        ("0.10.2", "backtype.storm"),
        ("1.2.4", "org.apache.storm"),
        ("2.8.3", "org.apache.storm"),
    ],
)
def test_a_nimbus_with_sasl_is_told(version: str, package: str, tmp_path: Path) -> None:
    require("lein", "java", "javac")
    jaas = tmp_path / "jaas.conf"
    jaas.write_text(JAAS)
    settings = {
        "storm.thrift.transport": f"{package}.security.auth.digest.DigestSaslTransportPlugin",
        "java.security.auth.login.config": str(jaas),
    }
    cluster = StormCluster(version, tmp_path / "storm", settings=settings)
    cluster.start_secured_nimbus()
    try:
        port = cluster.nimbus[1]
        assert refusal(port) == expected(port, "SASL (Kerberos or digest)")
    finally:
        cluster.stop()


def test_a_nimbus_with_tls_is_told(tmp_path: Path) -> None:
    require("lein", "java", "javac", "keytool")
    store = tmp_path / "keys.jks"
    words = ["-alias", "nimbus", "-keyalg", "RSA", "-storetype", "JKS", "-dname", "CN=localhost"]
    secret = ["-storepass", "secret1", "-keypass", "secret1"]
    subprocess.run(["keytool", "-genkeypair", "-keystore", store, *words, *secret], check=True)
    prefix = "nimbus.thrift.tls.server"
    with claimed_port() as port:
        cluster = StormCluster(
            "2.8.3",
            tmp_path / "storm",
            settings={
                "storm.thrift.transport": "org.apache.storm.security.auth.tls.TlsTransportPlugin",
                "nimbus.thrift.tls.port": port,
                "nimbus.thrift.tls.threads": 4,
                "nimbus.thrift.tls.client.auth.required": False,
                f"{prefix}.only": True,
                f"{prefix}.keystore.path": str(store),
                f"{prefix}.keystore.password": "secret1",
                f"{prefix}.truststore.path": str(store),
                f"{prefix}.truststore.password": "secret1",
            },
        )
        cluster.start_secured_nimbus(port)
        try:
            assert refusal(port) == expected(port, "TLS")
        finally:
            cluster.stop()

"""Host keys: a host is trusted when ssh trusts it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.ssh_project import (
    fingerprint,
    known_hosts,
    say_hello,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_a_host_is_trusted_in_every_form_in_which_ssh_knows_it(
    hosts: Hosts, tmp_path: Path
) -> None:
    host = hosts["worker1"]
    name, key = host.known.split(" ", 1)
    other = hosts["worker2"].known.split(" ", 1)[1]
    hashed = tmp_path / "hashed"
    hashed.write_text(host.known)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(hashed)], check=True, capture_output=True)
    forms = {
        "as it is": host.known,
        "hashed": hashed.read_text(),
        "by a pattern": f"[127.*]:* {key}",
        "for any port": f"127.0.0.1 {key}",
        "by the second of two keys": f"{name} {other}{name} {key}",
        "among lines that are none": f"# {name} {other}\n@cert-authority * {other}no sense\n{host.known}",
    }
    outcomes = {}
    for form, text in forms.items():
        with known_hosts(hosts, text):
            outcomes[form] = say_hello()
    assert outcomes == dict.fromkeys(forms, "hello\n")


def test_a_host_that_ssh_would_not_trust_is_refused_with_its_fingerprint(hosts: Hosts) -> None:
    host = hosts["worker1"]
    name, key = host.known.split(" ", 1)
    other = hosts["worker2"].known.split(" ", 1)[1]
    here = f"ssh-ed25519 {fingerprint(host.directory / 'host_key.pub')}"
    there = f"ssh-ed25519 {fingerprint(hosts['worker2'].directory / 'host_key.pub')}"
    unknown = (
        f"worker1: the host key of {name}, {here}, is not in known_hosts; "
        "ssh worker1 once to look at it and accept it"
    )
    cases = {
        "": unknown,
        f"!127.0.0.1,!{name},* {key}": unknown,
        f"{name} {other}": (
            f"worker1: the host key of {name} is {here}, but known_hosts has {there}: somebody may be "
            f"listening in; if the host was set up anew, ssh-keygen -R '{name}', then ssh worker1 once"
        ),
        f"{host.known}@revoked * {key}": (
            f"worker1: the host key of {name}, {here}, is revoked in known_hosts; ask who runs the host"
        ),
    }
    outcomes = {}
    for text in cases:
        with known_hosts(hosts, text):
            outcomes[text] = say_hello()
    assert outcomes == cases


def test_strict_host_key_checking_of_sshs_configuration_holds(hosts: Hosts) -> None:
    host = hosts["worker1"]
    wrong = f"[127.0.0.1]:{host.port} {hosts['worker2'].known.split(' ', 1)[1]}"
    strict = "Host worker1\n StrictHostKeyChecking {}\n"
    with known_hosts(hosts, "", config=strict.format("accept-new")):
        assert (say_hello(), hosts.known_hosts.read_text().split()) == (
            "hello\n",
            host.known.split()[:3],
        )
    with known_hosts(hosts, wrong, config=strict.format("accept-new")):
        assert "but known_hosts has" in say_hello()
    with known_hosts(hosts, wrong, config=strict.format("no")):
        assert (say_hello(), hosts.known_hosts.read_text()) == ("hello\n", wrong)


def test_hosts_that_are_jumped_over_are_checked_too(hosts: Hosts) -> None:
    far = hosts["worker2"]
    jump = (
        f"Host far\n HostName 127.0.0.1\n Port {far.port}\n User {far.user}\n ProxyJump worker1\n"
        f" IdentityFile {hosts.home}/.ssh/id_ed25519\n"
    )
    with known_hosts(hosts, hosts.known_hosts.read_text(), config=jump):
        assert say_hello("far") == "hello\n"
    with known_hosts(hosts, far.known, config=jump):
        port = hosts["worker1"].port
        assert say_hello("far").startswith(
            f"far: the host key of [127.0.0.1]:{port}, ssh-ed25519 SHA256:"
        )

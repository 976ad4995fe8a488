"""The settings of ssh, with the files that they include."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ssh_project import (
    known_hosts,
    say_hello,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_what_sshs_configuration_includes_holds_too(hosts: Hosts, tmp_path: Path) -> None:
    far = hosts["worker2"]
    (hosts.home / ".ssh" / "more").mkdir()
    (hosts.home / ".ssh" / "more" / "far.conf").write_text(
        f"Host far\n HostName 127.0.0.1\n Port {far.port}\n"
    )
    # What stands behind the include belongs to no Host of the included file.
    config = f"Include more/*.conf {tmp_path}/none\nUser {far.user}\nHost far\n IdentityFile ~/.ssh/id_ed25519\n"
    with known_hosts(hosts, far.known, config=config):
        assert say_hello("far") == "hello\n"
    with known_hosts(hosts, far.known, config="Host far\n Port none\n"):
        assert say_hello("far") == (
            "ssh's configuration cannot be read: invalid literal for int() with base 10: 'none'"
        )

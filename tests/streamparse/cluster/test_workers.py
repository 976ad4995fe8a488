"""The same work on all workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cluster.logs import LogSelection, find_logs
from streamparse.cluster.tunnels import nimbus_tunnel
from streamparse.project import ProjectError
from tests.support.ssh_project import (
    NAME,
    REAL,
    environment,
    require,
    update,
    wheel,
)
from tests.support.sshd import Hosts

pytestmark = pytest.mark.real_ssh


def test_what_is_wrong_with_an_environment_is_told_before_anything_is_connected_to(
    hosts: Hosts, ssh_project: Path
) -> None:
    path = ssh_project / "virtualenvs" / f"{NAME}.txt"
    wrong: Mapping[str, Callable[[], object]] = {
        "config.json: envs.here.workers is missing or empty; "
        'expected a list of hosts, such as ["storm1.example.com", "storm2.example.com"]': lambda: (
            update(hosts, path, workers=[])
        ),
        'as the hooks leave it, envs.here.workers has "a b": hostname contains invalid characters; '
        'expected a list of hosts, such as ["storm1.example.com", "storm2.example.com"]': lambda: (
            update(hosts, path, workers=["a b"])
        ),
        "config.json: envs.here.virtualenv_root is missing or empty; expected an absolute path, "
        'such as "/data/virtualenvs"': (lambda: update(hosts, path, virtualenv_root="")),
        'as the hooks leave it, envs.here.virtualenv_root is "~/x"; expected an absolute path, '
        'such as "/data/virtualenvs"': lambda: update(hosts, path, virtualenv_root="~/x"),
        "config.json: envs.here.virtualenv_flags: no closing quotation; expected words as in a shell": (
            lambda: update(hosts, path, virtualenv_flags="-p 'x")
        ),
        "config.json: envs.here.log.path is missing or empty; expected a directory, "
        'such as "/var/log/storm/streamparse"': (
            lambda: find_logs(LogSelection(environment(hosts, log={}), NAME))
        ),
        "config.json: envs.here.nimbus is missing or empty; expected a host, or host:port, "
        'such as "storm1.example.com"': (lambda: nimbus_tunnel(environment(hosts)).__enter__()),
    }
    told = []
    for action in wrong.values():
        with pytest.raises(ProjectError) as caught:
            action()
        told.append(str(caught.value))
    assert told == [*wrong]


def test_a_worker_that_refuses_is_told_before_anything_is_built(
    hosts: Hosts, ssh_project: Path
) -> None:
    wheel(hosts["worker1"].data / "wheels", "streamparse", __version__, REAL)
    path = require(ssh_project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse")
    assert update(hosts, path, "other", workers=["worker1", "nobody@worker2"]) == [
        "nobody@worker2: user nobody is refused: none of the keys of ssh's agent and configuration is accepted; "
        "see that ssh nobody@worker2 works without a password"
    ]

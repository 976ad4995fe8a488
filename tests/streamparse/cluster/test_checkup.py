"""What ``sparse doctor`` sees on a cluster: real workers over ssh, and a Nimbus that answers, or does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamparse.cluster.checkup import check_cluster, check_index
from streamparse.cluster.ssh import Machine
from streamparse.project import Diagnosis, Project, environment_from
from tests.support.nimbus_server import NimbusServer, serving
from tests.support.ssh_project import environment, reach, wheel
from tests.support.sshd import Hosts

CLJ = '(defproject p "1" :dependencies [[org.apache.storm/storm-core "{}"]])'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "project.clj").write_text(CLJ.format("2.8.3"))
    return Project(tmp_path)


def told(found: list[Diagnosis], subject: str) -> list[tuple[str, str]]:
    return [(each.status, each.found) for each in found if each.subject.startswith(subject)]


# -- workers


@pytest.mark.real_ssh
def test_sound_workers_are_ok(
    project: Project, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(hosts, monkeypatch)
    found = [*check_cluster(project, environment(hosts, log={}))]
    assert [status for status, _ in told(found, "worker ")] == ["ok", "ok"]
    assert told(found, "ssh configuration") == [("ok", "can be read")]


@pytest.mark.real_ssh
def test_a_worker_tells_what_it_lacks(
    project: Project, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(hosts, monkeypatch)
    lacking = environment(
        hosts,
        workers=["worker1"],
        virtualenv_root="/proc/no/such",
        virtualenv_flags="-p python9.9",
        log={"path": "/no/such/directory"},
    )
    found = [*check_cluster(project, lacking)]
    assert told(found, "worker worker1") == [
        ("error", "no python9.9 there"),
        ("error", "virtualenv_root /proc/no/such cannot be written"),
        ("error", "log.path /no/such/directory is not there"),
    ]
    assert all(each.remedy for each in found if each.status == "error" and "worker" in each.subject)


@pytest.mark.real_ssh
def test_a_worker_that_cannot_be_reached_is_named(
    project: Project, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(hosts, monkeypatch)
    found = [*check_cluster(project, environment(hosts, workers=["127.0.0.1:1"]))]
    ((status, text),) = told(found, "worker 127.0.0.1:1")
    assert status == "error"
    assert "refused" in text


@pytest.mark.real_ssh
def test_the_pip_of_each_worker_is_asked_for_the_requirements(
    project: Project, hosts: Hosts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reach(hosts, monkeypatch)
    before = temporary(hosts)
    options = f"--no-index\n--find-links {hosts.data}/wheels\n"
    for worker, names in (("worker1", ["simplejson", "tea"]), ("worker2", ["simplejson"])):
        for name in names:
            wheel(hosts[worker].data / "wheels", name, "3.99", {f"{name}.py": ""})
    texts = {"both": "streamparse\n", "one": "tea>=3\n", "none": "tea==1.0\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(options + text)
    asked = {name: tmp_path / f"{name}.txt" for name in texts}
    found = [*check_cluster(project, environment(hosts, log={}), asked)]
    there = "No matching distribution found for tea"
    assert [(each.subject, each.status, each.found) for each in found if each.subject in asked] == [
        ("both", "ok", "pip on worker1 finds what they name"),
        ("one", "ok", "pip on worker1 finds what they name"),
        ("none", "error", f"pip on worker1: {there}==1.0"),
        ("both", "ok", "pip on worker2 finds what they name"),
        ("one", "error", f"pip on worker2: {there}>=3"),
        ("none", "error", f"pip on worker2: {there}==1.0"),
    ]
    assert [each.remedy for each in found if each.subject == "one"] == [
        "",
        f"mend {asked['one']}, or the index that pip asks there: pip config list on worker2 shows it",
    ]
    assert temporary(hosts) == before


@pytest.mark.real_ssh
@pytest.mark.parametrize(
    "lacks", ['case "$*" in "-m pip"*) exit 1;; esac', 'case "$*" in *--help*|*--dry-run*) exit 2;; esac']
)  # fmt: skip
def test_a_worker_whose_python_has_no_pip_or_an_old_one_is_asked_too(
    lacks: str,
    project: Project,
    hosts: Hosts,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    reach(hosts, monkeypatch)
    before = temporary(hosts)
    place = hosts.data / f"lacks-{len(lacks)}"
    for name in ("simplejson", "tea"):
        wheel(place / "wheels", name, "3.99", {f"{name}.py": ""})
    python = place / "python"
    python.write_text(f'#!/bin/sh\n{lacks}\nexec python3 "$@"\n')
    python.chmod(0o755)
    path = tmp_path / "w.txt"
    path.write_text(f"--no-index\n--find-links {place}/wheels\ntea\n")
    one = environment(hosts, workers=["worker1"], virtualenv_flags=f"-p {python}", log={})
    found = [*check_cluster(project, one, {"requirements": path})]
    assert told(found, "requirements") == [("ok", "pip on worker1 finds what they name")]
    assert temporary(hosts) == before


def temporary(hosts: Hosts) -> list[str]:
    """What there is in the directory for temporary files on each worker, which has a user of its own if we are root."""
    if os.geteuid() != 0:
        return [""] * len(hosts.by_name)
    found = []
    for name in hosts.by_name:
        with Machine(name, None) as machine:
            found.append(machine.run("find /tmp -maxdepth 1 -user $(id -un)").output)
    return found


def test_an_agent_that_is_gone_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    somewhere = environment_from("e", {"nimbus": "127.0.0.1:1"})
    found = [*check_cluster(project, somewhere)]
    assert [status for status, _ in told(found, "ssh agent")] == ["warning"]


# -- Nimbus


def asked(project: Project, port: int) -> list[tuple[str, str]]:
    direct = {"nimbus": f"127.0.0.1:{port}", "use_ssh_for_nimbus": False, "use_virtualenv": False}
    return told([*check_cluster(project, environment_from("e", direct))], "nimbus")


def test_a_nimbus_that_answers_is_ok(project: Project) -> None:
    with serving(NimbusServer("wordcount")) as port:
        ((status, text),) = asked(project, port)
    assert status == "ok"
    assert "1 topologies run; Storm 2.8.3" in text


def test_a_nimbus_of_another_version_is_told(project: Project) -> None:
    (project.directory / "project.clj").write_text(CLJ.format("1.2.4"))
    with serving(NimbusServer("wordcount")) as port:
        assert asked(project, port) == [
            ("warning", "runs Storm 2.8.3, and project.clj names 1.2.4")
        ]


@pytest.mark.parametrize(
    ("settings", "version", "expected"),
    [
        (
            {"virtualenv": "blobstore"},
            "0.10.2",
            [("error", "runs Storm 0.10.2, which has no blob store")],
        ),
        ({"virtualenv": "blobstore"}, "2.8.3", []),
        (
            {"submit": "thrift"},
            "2.8.3",
            [("ok", "none in config.json; a submit takes the supervisors of nimbus")],
        ),
    ],
)
def test_workers_that_no_one_has_to_name_are_no_mistake(
    project: Project, settings: dict[str, object], version: str, expected: list[tuple[str, str]]
) -> None:
    with serving(NimbusServer(version=version)) as port:
        direct = {"nimbus": f"127.0.0.1:{port}", "use_ssh_for_nimbus": False}
        environment = environment_from("e", {**direct, **settings})
        found = [*check_cluster(project, environment)]
    told_of = [(each.status, each.found) for each in found]
    assert [each for each in told_of if each[0] != "ok" or "supervisors" in each[1]] == expected


def test_a_nimbus_that_does_not_answer_is_told(project: Project) -> None:
    ((status, text),) = asked(project, 1)
    assert status == "error"
    assert "does not answer" in text


# -- the index


def test_requirements_that_an_index_has_are_ok(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PIP_NO_INDEX", "1"
    )  # nothing but streamparse is asked for, which is carried
    path = tmp_path / "w.txt"
    path.write_text("streamparse==2.2.0  # always\n")
    assert check_index(path, "requirements") == Diagnosis(
        "ok",
        "requirements",
        "this machine's index has what they name; no worker is named that could be asked",
    )


def test_requirements_that_no_index_has_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    path = tmp_path / "w.txt"
    path.write_text("streamparse\nno-such-package-anywhere\n")
    found = check_index(path, "requirements")
    assert (found.status, found.remedy) == ("error", f"mend {path}")
    assert "no-such-package-anywhere" in found.found

"""The mistakes in a config.json, each with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamparse.project import Project, ProjectError
from tests.support.projects import project, refusal, write


def test_all_mistakes_of_the_types_are_told_at_once_with_the_path_to_each() -> None:
    config = {
        "library": 1,
        "topology_specs": ["topologies/"],
        "envs": {
            "prod": {
                "workers": "storm1",
                "nimbus": "http://storm1/",
                "log": {"max_bytes": "1000", "level": "loud"},
                "use_virtualenv": "no",
                "ui.port": 0,
            },
            "beta": [],
        },
    }
    assert refusal(json.dumps(config)) == [
        'config.json: library is 1; expected a string, such as ""',
        'config.json: topology_specs is ["topologies/"]; expected a path, such as "topologies/"',
        "config.json: envs.beta is []; expected an object",
        'config.json: envs.prod.workers is "storm1"; expected a list of hosts, '
        'such as ["storm1.example.com", "storm2.example.com"]',
        'config.json: envs.prod.nimbus is "http://storm1/"; expected a host, or host:port, '
        'such as "storm1.example.com"',
        'config.json: envs.prod.use_virtualenv is "no"; expected true or false',
        "config.json: envs.prod.ui.port is 0; expected a whole number from 1 to 65535, such as 8080",
        'config.json: envs.prod.log.max_bytes is "1000"; expected a whole number, such as 10',
        'config.json: envs.prod.log.level is "loud"; expected debug, info, warning, error or critical, '
        'such as "info"',
    ]


def test_a_true_is_no_number_and_a_key_must_not_stand_twice() -> None:
    assert refusal('{"envs": {"a": {"user": "x", "ui.port": true, "user": "y"}, "a": {}}}') == [
        "config.json: envs.a stands twice, and only the last has an effect; leave one out",
    ]
    assert refusal('{"envs": {"a": {"user": "x", "ui.port": true, "user": "y"}}}') == [
        "config.json: envs.a.user stands twice, and only the last has an effect; leave one out",
        "config.json: envs.a.ui.port is true; expected a whole number from 1 to 65535, such as 8080",
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('{\n  "envs": {},\n}', ":3:1: no JSON: a comma before }; leave the comma out"),
        ('{\n  "envs" {}\n}', ":2:10: no JSON: expecting ':' delimiter"),
        ('{\n  // mine\n  "envs": {}\n}', ":2:3: no JSON: a comment, which JSON does not have; leave it out"),
        ("{'envs': {}}", ":1:2: no JSON: a name or a string in single quotes; JSON has double ones"),
        ("", ':1:1: no JSON: the file is empty; expected at least {"envs": {}}'),
        ("[1]", ": [1] is no object; expected {...}"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_told_with_line_and_column(text: str, finding: str) -> None:
    assert refusal(text) == [f"config.json{finding}"]


def test_a_worker_that_stands_twice_is_refused() -> None:
    config = {"envs": {"p": {"workers": ["w1", "w2", "w1:22", "ada@w1", "w1"]}}}
    assert refusal(json.dumps(config)) == [
        'config.json: envs.p.workers has "w1" twice, which is one worker; leave one out; expected a list of hosts, '
        'such as ["storm1.example.com", "storm2.example.com"]'
    ]


def test_unknown_keys_are_warned_of_with_the_nearest_that_is_known() -> None:
    found = project(
        {"toplogy_specs": "x/", "color": 1, "envs": {"p": {"worker": [], "log": {"size": 1}}}}
    )
    assert found.warnings == (
        'config.json: toplogy_specs is not a known key and has no effect; did you mean "topology_specs"?',
        "config.json: color is not a known key and has no effect; leave it out",
        'config.json: envs.p.worker is not a known key and has no effect; did you mean "workers"?',
        "config.json: envs.p.log.size is not a known key and has no effect; leave it out",
    )


def test_without_a_config_json_the_message_says_where_the_project_is(here: Path) -> None:
    def finding(directory: str) -> str:
        with pytest.raises(ProjectError) as caught:
            Project(directory)
        return str(caught.value)

    assert (
        finding(".")
        == f"no config.json in {here}, so it is no project; `sparse quickstart NAME` makes one"
    )
    write("demo/config.json", "{}")
    write("demo/src/bolts/x.py", "")
    assert finding(".") == f"no config.json in {here}; there is a project below: cd demo"
    assert (
        finding("demo/src/bolts")
        == f"no config.json in {here}/demo/src/bolts; the project is {here}/demo: cd there first"
    )  # fmt: skip


@pytest.mark.parametrize(
    "host",
    [
        "x;touch${IFS}F;#",
        "-x",
        "-oProxyCommand=x",
        "a`b`",
        "a$b",
        "a|b",
        "a&b",
        "a>b",
        "a'b",
        "a\\b",
        "a\nb",
        "a(b)",
    ],
)
def test_a_host_that_openssh_refuses_is_refused_wherever_it_stands(host: str) -> None:
    shown, invalid = json.dumps(host), "hostname contains invalid characters"
    expected_hosts = (
        'expected a list of hosts, such as ["storm1.example.com", "storm2.example.com"]'
    )
    config = {
        "envs": {"prod": {"nimbus": f"{host}:6627", "workers": ["storm1", host, f"ada@{host}"]}}
    }
    assert refusal(json.dumps(config)) == [
        f"config.json: envs.prod.nimbus is {json.dumps(f'{host}:6627')}: {invalid}; "
        'expected a host, or host:port, such as "storm1.example.com"'
        if "\n" not in host
        else 'config.json: envs.prod.nimbus is "a\\nb:6627"; '
        'expected a host, or host:port, such as "storm1.example.com"',
        f"config.json: envs.prod.workers has {shown}: {invalid}; {expected_hosts}",
    ]


@pytest.mark.parametrize("user", ["-l", "a;b", "a`b", "a b -x", "a\\", "$x", "a|b", "a\nb"])
def test_a_user_that_openssh_refuses_is_refused_wherever_it_stands(user: str) -> None:
    invalid = "remote username contains invalid characters"
    config = {"envs": {"prod": {"user": user, "workers": [f"{user}@storm1"]}}}
    assert refusal(json.dumps(config)) == [
        f'config.json: envs.prod.user is {json.dumps(user)}: {invalid}; expected a string, such as "storm"',
        f"config.json: envs.prod.workers has {json.dumps(f'{user}@storm1')}: {invalid}; "
        'expected a list of hosts, such as ["storm1.example.com", "storm2.example.com"]',
    ]


def test_hosts_and_users_that_ssh_takes_are_taken() -> None:
    workers = [
        "storm-1.example.com",
        "[::1]:22",
        "ada.b@storm_1:2222",
        "DOMAIN\\ada@10.0.0.1",
        "::1",
        "fe80::1%eth0",
    ]
    config = {"envs": {"prod": {"user": "ada-b", "nimbus": "[::1]:6627", "workers": workers}}}
    assert project(config).environments["prod"].workers == tuple(workers)


def test_paths_that_no_worker_knows_are_refused_when_the_file_is_read() -> None:
    env = {
        "log": {"path": "logs/"},
        "virtualenv_root": "~/venvs",
        "virtualenv_flags": "-p ~/py/bin/python",
        "options": ["a"],
    }
    assert refusal(json.dumps({"topology_specs": "\0", "envs": {"prod": env}})) == [
        'config.json: topology_specs is "\\u0000"; expected a path, such as "topologies/"',
        'config.json: envs.prod.virtualenv_root is "~/venvs"; expected an absolute path, such as "/data/virtualenvs"',
        'config.json: envs.prod.virtualenv_flags is "-p ~/py/bin/python"; '
        'expected a string without ~, which no shell expands, such as "-p /usr/bin/python3"',
        'config.json: envs.prod.options is ["a"]; expected an object',
        'config.json: envs.prod.log.path is "logs/"; expected an absolute path, '
        'such as "/var/log/storm/streamparse"',
    ]


def test_the_serializer_is_json_and_nothing_else() -> None:
    config: dict[str, object] = {"serializer": "json", "envs": {"prod": {"serializer": "json"}}}
    assert project(config).warnings == ()
    spoken = 'components here speak JSON, as Storm\'s own serializer does; expected only "json"'
    with pytest.raises(ProjectError) as caught:
        project({"serializer": "msgpack", "envs": {"prod": {"serializer": "msgpack"}}})
    assert [each.partition("config.json: ")[2] for each in caught.value.problems] == [
        f'serializer is "msgpack": {spoken}',
        f'envs.prod.serializer is "msgpack": {spoken}',
    ]


def test_other_names_of_packages_are_names() -> None:
    assert project({"aliases": {"pystorm": "streamparse"}}).aliases == {"pystorm": "streamparse"}
    assert project({}).aliases == {}
    with pytest.raises(ProjectError, match="expected an object of names of packages"):
        project({"aliases": {"pystorm": "stream parse"}})


def test_the_keys_of_later_versions_are_named_with_what_to_use() -> None:
    env = {"ssh_password": "x", "acker_count": 2, "log": {"file": "f"}, "ui_port": 1, "mine": 3}
    made = project({"serializer": "json", "envs": {"prod": env}})
    later = "is a key of streamparse 3 or later and has no effect"
    assert [each.partition("config.json: ")[2] for each in made.warnings] == [
        f"envs.prod.ssh_password {later}; log in with a key, or let ssh's configuration say how",
        f'envs.prod.acker_count {later}; write "options": {{"topology.acker.executors": N}}, or submit with -a N',
        'envs.prod.ui_port is not a known key and has no effect; did you mean "ui.port"?',
        f"envs.prod.log.file {later}; a log file is named after its topology, component and task",
    ]

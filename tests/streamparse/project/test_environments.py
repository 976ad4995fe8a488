"""The environments of config.json, and what a command needs of one."""

from __future__ import annotations

import pytest

from streamparse.project import Environment, LogSettings, ProjectError, environment_from
from streamparse.project.environments import with_variables
from tests.support.projects import project

PROD = {
    "user": "storm",
    "nimbus": "storm1.example.com:6628",
    "workers": ["storm1.example.com", "storm2.example.com"],
    "log": {"path": "/var/log/storm", "max_bytes": 100, "backup_count": 3, "level": "INFO"},
    "use_ssh_for_nimbus": False,
    "use_virtualenv": False,
    "virtualenv_root": "/data/virtualenvs",
    "virtualenv_flags": "-p python3",
    "ui.port": 8081,
}


def test_an_environment_is_what_the_file_says() -> None:
    assert project({"envs": {"prod": PROD}}).environment() == Environment(
        name="prod",
        user="storm",
        nimbus="storm1.example.com:6628",
        workers=("storm1.example.com", "storm2.example.com"),
        log=LogSettings(path="/var/log/storm", max_bytes=100, backup_count=3, level="info"),
        use_ssh_for_nimbus=False,
        use_virtualenv=False,
        virtualenv_root="/data/virtualenvs",
        virtualenv_flags="-p python3",
        ui_port=8081,
    )


def test_what_is_empty_null_or_absent_in_an_environment_is_not_set() -> None:
    given: dict[str, object] = {
        "user": "",
        "nimbus": None,
        "workers": [],
        "log": {"path": ""},
        "virtualenv_root": "",
    }
    assert project({"envs": {"a": given}}).environment() == Environment(name="a")


def test_the_old_spellings_mean_the_same_and_the_new_ones_win() -> None:
    old = {"log_path": "/old", "virtualenv_path": "/older"}
    both = {**old, "log": {"path": "/new"}, "virtualenv_root": "/newer"}
    found = project({"envs": {"old": old, "both": both}})
    assert [
        (found.environment(name).log.path, found.environment(name).virtualenv_root)
        for name in ("old", "both")
    ] == [("/old", "/older"), ("/new", "/newer")]


def test_hooks_get_the_section_as_it_stands_with_keys_of_the_users_own() -> None:
    settings = {**PROD, "irc_channel": "#storm"}
    found = project({"envs": {"prod": settings}})
    assert (found.environment().settings, found.warnings) == (settings, ())


@pytest.mark.parametrize(
    ("nimbus", "address"),
    [
        ("storm1", ("storm1", 6627)),
        ("storm1.example.com:1234", ("storm1.example.com", 1234)),
        ("[::1]:1234", ("::1", 1234)),
        ("[fe80::1]", ("fe80::1", 6627)),
        ("", None),
    ],
)
def test_nimbus_is_a_host_with_or_without_a_port(
    nimbus: str, address: tuple[str, int] | None
) -> None:
    assert project({"envs": {"e": {"nimbus": nimbus}}}).environment().nimbus_address == address


def test_what_a_command_needs_and_an_environment_lacks_is_told_at_once() -> None:
    environment = project({"envs": {"prod": {"user": "storm", "workers": []}}}).environment("prod")
    environment.require("user")
    with pytest.raises(ProjectError) as caught:
        environment.require("user", "nimbus", "workers")
    assert caught.value.problems == (
        "config.json: envs.prod.nimbus is missing or empty; expected a host, or host:port, "
        'such as "storm1.example.com"',
        "config.json: envs.prod.workers is missing or empty; "
        'expected a list of hosts, such as ["storm1.example.com", "storm2.example.com"]',
    )


def test_a_variable_names_another_nimbus(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_from("prod", {"nimbus": "one", "user": "storm"})
    monkeypatch.delenv("STREAMPARSE_NIMBUS", raising=False)
    assert with_variables(environment) == environment
    monkeypatch.setenv("STREAMPARSE_NIMBUS", "two:7000")
    changed = with_variables(environment)
    assert (changed.nimbus_address, changed.user, changed.settings["nimbus"]) == (
        ("two", 7000),
        "storm",
        "two:7000",
    )
    monkeypatch.setenv("STREAMPARSE_NIMBUS", "-x y")
    with pytest.raises(ProjectError) as caught:
        with_variables(environment)
    assert str(caught.value) == (
        'STREAMPARSE_NIMBUS is "-x y"; expected a host, or host:port, such as "storm1.example.com"'
    )

"""What a project on disk says, and how it is told what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamparse.project import Environment, LogSettings, Project, ProjectError, UsageError

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


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with nothing in it; messages name paths from here on."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def project(config: object = None, **topologies: str) -> Project:
    """A project with this config.json and these topology files."""
    write("config.json", json.dumps({} if config is None else config))
    for name, text in topologies.items():
        write(f"topologies/{name}.clj", text)
    return Project.find()


def refusal(config: str) -> list[str]:
    write("config.json", config)
    with pytest.raises(ProjectError) as caught:
        Project.find()
    return str(caught.value).splitlines()


# -- config.json -------------------------------------------------------------------------------------------------


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
        'config.json: library is 1; a string would do, such as ""',
        'config.json: topology_specs is ["topologies/"]; a string would do, such as "topologies/"',
        "config.json: envs.beta is []; an object would do",
        'config.json: envs.prod.workers is "storm1"; a list of hosts would do, '
        'such as ["storm1.example.com", "storm2.example.com"]',
        'config.json: envs.prod.nimbus is "http://storm1/"; a host, or host:port, would do, '
        'such as "storm1.example.com"',
        'config.json: envs.prod.use_virtualenv is "no"; true or false would do',
        "config.json: envs.prod.ui.port is 0; a whole number from 1 to 65535 would do, such as 8080",
        'config.json: envs.prod.log.max_bytes is "1000"; a whole number would do, such as 10',
        'config.json: envs.prod.log.level is "loud"; debug, info, warning, error or critical would do, '
        'such as "info"',
    ]


def test_a_true_is_no_number_and_a_key_must_not_stand_twice() -> None:
    assert refusal('{"envs": {"a": {"user": "x", "ui.port": true, "user": "y"}, "a": {}}}') == [
        "config.json: envs.a stands twice, and only the last would hold; leave one out",
    ]
    assert refusal('{"envs": {"a": {"user": "x", "ui.port": true, "user": "y"}}}') == [
        "config.json: envs.a.user stands twice, and only the last would hold; leave one out",
        "config.json: envs.a.ui.port is true; a whole number from 1 to 65535 would do, such as 8080",
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('{\n  "envs": {},\n}', ":3:1: no JSON: a comma before }; leave the comma out"),
        ('{\n  "envs" {}\n}', ":2:10: no JSON: expecting ':' delimiter"),
        ('{\n  // mine\n  "envs": {}\n}', ":2:3: no JSON: a comment, which JSON does not have; leave it out"),
        ("{'envs': {}}", ":1:2: no JSON: a name or a string in single quotes; JSON has double ones"),
        ("", ':1:1: no JSON: nothing in it; {"envs": {}} is the least that would do'),
        ("[1]", ": [1] is no object; {...} would do"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_told_with_line_and_column(text: str, finding: str) -> None:
    assert refusal(text) == [f"config.json{finding}"]


def test_what_is_no_utf_8_is_told_with_its_line() -> None:
    Path("config.json").write_bytes(b'{\n"library": "\xff"}')
    with pytest.raises(ProjectError) as caught:
        Project.find()
    assert str(caught.value) == "config.json: not UTF-8: byte 0xff in line 2; save it as UTF-8"


def test_the_mark_that_windows_editors_put_in_front_is_no_mistake() -> None:
    Path("config.json").write_text('{"envs": {"a": {}}}', encoding="utf-8-sig")
    assert [*Project.find().environments] == ["a"]


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


# -- environments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("envs", "name", "finding"),
    [
        ({}, None, 'no environment; "envs": {"prod": {...}} would be one'),
        ({"prod": {}, "beta": {}}, None, "there are the environments prod, beta; say which with -e NAME"),
        ({"prod": {}, "beta": {}}, "prd", 'no environment "prd"; did you mean "prod"?'),
        ({"prod": {}}, "xyz", 'no environment "xyz"; there are prod'),
    ],
)  # fmt: skip
def test_an_environment_that_is_not_clear_is_refused(
    envs: dict[str, object], name: str | None, finding: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        project({"envs": envs}).environment(name)
    assert str(caught.value) == f"config.json: {finding}"


def test_what_a_command_needs_and_an_environment_lacks_is_told_at_once() -> None:
    environment = project({"envs": {"prod": {"user": "storm", "workers": []}}}).environment("prod")
    environment.require("user")
    with pytest.raises(ProjectError) as caught:
        environment.require("user", "nimbus", "workers")
    assert caught.value.problems == (
        'config.json: envs.prod.nimbus is missing or empty; "storm1.example.com" would do',
        "config.json: envs.prod.workers is missing or empty; "
        '["storm1.example.com", "storm2.example.com"] would do',
    )


# -- topologies --------------------------------------------------------------------------------------------------


def test_the_only_topology_is_the_default_and_editors_lock_files_are_none() -> None:
    found = project(wordcount="")
    write("topologies/.#wordcount.clj", "")
    write("topologies/notes.txt", "")
    Path("topologies/old.clj").mkdir()
    assert found.topology_path() == Path("topologies/wordcount.clj")


@pytest.mark.parametrize("name", ["a.b", "a.b.clj", "topologies/a.b", "topologies/a.b.clj"])
def test_a_topology_is_named_by_its_name_or_its_path(name: str) -> None:
    found = project(**{"a.b": "", "other": ""})
    assert found.topology_path(name) == Path("topologies/a.b.clj")


def test_topologies_are_where_the_config_says(here: Path) -> None:
    write("specs/one.clj", "")
    found = project({"topology_specs": "specs"})
    assert (found.topology_path(), Project(here).topology_path()) == (
        Path("specs/one.clj"),
        here / "specs/one.clj",
    )


@pytest.mark.parametrize(
    ("topologies", "name", "finding"),
    [
        (["a", "b"], None, "there are a, b; say which with -n NAME"),
        ([], "a", "cannot be read: No such file or directory; topologies/ is the usual place"),
        (["wordcount", "other"], "wordcont", 'no topology "wordcont"; did you mean "wordcount"?'),
        (["a", "b"], "zzz", 'no topology "zzz"; there are a, b'),
        (["a", "b"], "", 'no topology ""; there are a, b'),
        (["a", "b"], "x" * 300, f'no topology "{"x" * 56}...; there are a, b'),
    ],
)
def test_a_topology_that_is_not_clear_is_refused(
    topologies: list[str], name: str | None, finding: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        project(**dict.fromkeys(topologies, "")).topology_path(name)
    assert str(caught.value) == f"topologies: {finding}"


def test_a_project_without_topologies_says_how_to_make_one() -> None:
    Path("topologies").mkdir()
    with pytest.raises(ProjectError) as caught:
        project().topology_path()
    assert str(caught.value) == "topologies: no topology here; a file NAME.clj in it would be one"


def test_components_find_their_directories_from_anywhere(here: Path) -> None:
    write("demo/config.json", "{}")
    found = Project("demo")
    assert (found.source_dir, found.logs_dir) == (here / "demo/src", here / "demo/logs")


# -- project.clj -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('(defproject x "1" :dependencies [[org.apache.storm/storm-core "0.9.5"]])', "0.9.5"),
        ('[[storm/storm "0.9.0.1"] [org.clojure/clojure "1.5.1"]]', "0.9.0.1"),
        (':jar-exclusions [#"log4j\\.properties" #"\\"[x"] [org.apache.storm/storm-client\n "2.8.3"]', "2.8.3"),
        ('; [org.apache.storm/storm-core "0.9.4"]\n[org.apache.storm/storm-core, "0.9.5" :exclusions []]', "0.9.5"),
        ('#_[x [org.apache.storm/storm-core "0.9.4"]] [org.apache.storm/storm-core "0.9.5"]', "0.9.5"),
        (':description "; no comment" [org.apache.storm/storm-core "1.2.4"]', "1.2.4"),
        ('[[org.apache.storm/storm-clojure "2.8.3"] [org.apache.storm/storm-server "2.8.3"]]', "2.8.3"),
        ('"[org.apache.storm/storm-core \\"0.9.4\\"]" \\; [org.apache.storm/storm-core "0.9.5"]', "0.9.5"),
        ("[org.apache.storm/storm-core ~version]", None),
        ('[org.apache.storm/storm-kafka "2.8.3"]', None),
    ],
)  # fmt: skip
def test_the_version_of_storm_is_the_one_that_leiningen_would_take(
    text: str, version: str | None
) -> None:
    write("project.clj", text)
    assert project().storm_version() == version


def test_without_a_project_clj_no_version_is_said() -> None:
    assert project().storm_version() is None


def test_several_versions_of_storm_are_refused_with_the_line_of_each() -> None:
    write(
        "project.clj",
        '[[org.apache.storm/storm-clojure "2.8.3"]\n [org.apache.storm/storm-client "2.6.0"]]',
    )
    with pytest.raises(ProjectError) as caught:
        project().storm_version()
    assert str(caught.value) == (
        "project.clj: several versions of Storm (org.apache.storm/storm-clojure 2.8.3 in line 1, "
        "org.apache.storm/storm-client 2.6.0 in line 2); one would do"
    )


# -- options -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "option"),
    [
        ("topology.workers=2", ("topology.workers", 2)),
        ("a=-1.5", ("a", -1.5)),
        ("a=true", ("a", True)),
        ("a=null", ("a", None)),
        ('a="2"', ("a", "2")),
        ('a="py3env"', ("a", "py3env")),
        ('a=["x", {"y": "1e5"}]', ("a", ["x", {"y": "1e5"}])),
        ("a=plain words", ("a", "plain words")),
        ("a=5 minutes", ("a", "5 minutes")),
        ("a=", ("a", "")),
        ("worker.childopts=-Xmx1g -XX:A=b", ("worker.childopts", "-Xmx1g -XX:A=b")),
        ("commit=8e10", ("commit", "8e10")),
        ("commit=31e5619d", ("commit", "31e5619d")),
        ("a=1.5e3", ("a", "1.5e3")),
        ("a=NaN", ("a", "NaN")),
        ("a=-Infinity", ("a", "-Infinity")),
        ("a=007", ("a", "007")),
        ("a=[1,", ("a", "[1,")),
        ("a=" + "[" * 100_000, ("a", "[" * 100_000)),
        ("a=" + "9" * 5000, ("a", "9" * 5000)),
    ],
)
def test_an_option_is_json_where_it_can_be_and_a_string_otherwise(
    pair: str, option: tuple[str, object]
) -> None:
    assert [*Project.options([pair]).items()] == [option]


def test_of_the_same_option_the_last_one_holds() -> None:
    assert Project.options(["a=1", "b=2", "a=3"]) == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("pair", "finding"),
    [
        ("topology.debug", "no = in it"),
        ("=1", "no key in front of ="),
        (" =1", "no key in front of ="),
    ],
)
def test_an_option_without_key_or_value_is_refused(pair: str, finding: str) -> None:
    with pytest.raises(UsageError) as caught:
        Project.options(["a=1", pair])
    assert str(caught.value) == (
        f"-o {pair}: {finding}; KEY=VALUE would do, such as topology.message.timeout.secs=30"
    )

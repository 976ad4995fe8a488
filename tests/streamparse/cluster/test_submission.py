"""What `sparse submit` refuses before it asks anybody anything, and what it says it would do."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamparse.cli.sparse import main
from streamparse.cluster import remote
from streamparse.project import Project

TOPOLOGY = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{"word-spout" (python-spout-spec options "spouts.WordSpout" ["word"])}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "bolts.CountBolt" ["word" "count"])}])
"""
PROJECT_CLJ = """(defproject words "1"
  :dependencies [[org.clojure/clojure "1.11.1"] [org.apache.storm/storm-clojure "2.8.3"]])
"""
CLASS = "from streamparse import Bolt, Spout\n\n\nclass {}:\n    pass\n"
FILES = {
    "topologies/words.clj": TOPOLOGY,
    "src/spouts.py": CLASS.format("WordSpout(Spout)"),
    "src/bolts.py": CLASS.format("CountBolt(Bolt)"),
    "virtualenvs/words.txt": "streamparse\n",
    "project.clj": PROJECT_CLJ,
}
TOOL = '#!/bin/sh\ntouch "$(dirname "$0")/asked"\nexit 1\n'


class Desk:
    """A project whose cluster and tools remember whether anybody has asked them."""

    def __init__(self, directory: Path, server: socket.socket) -> None:
        self.directory = directory
        self.tools = directory / "tools"
        self._server = server
        host, port = server.getsockname()
        self.environment: dict[str, object] = {
            "nimbus": f"{host}:{port}",
            "workers": [f"{host}:{port}"],
            "use_ssh_for_nimbus": False,
            "virtualenv_root": "/data/virtualenvs",
        }
        self.config()
        for name, text in FILES.items():
            self.write(name, text)
        for name in ("lein", "java"):
            self.write(f"tools/{name}", TOOL)
            (self.tools / name).chmod(0o755)

    def write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def config(self, **settings: object) -> None:
        """The environment with these settings; None takes one away."""
        section = {**self.environment, **settings}
        given = {key: value for key, value in section.items() if value is not None}
        self.write("config.json", json.dumps({"envs": {"prod": given}}))

    def was_asked(self) -> bool:
        """Whether somebody has called at the cluster, or a tool was started."""
        if (self.tools / "asked").exists():
            return True
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        made = Desk(tmp_path, server)
        monkeypatch.setenv("PATH", str(made.tools))
        monkeypatch.setenv("LEIN_ROOT", "1")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        for name in ("JAVA_HOME", "JAVA_CMD", "LEIN_JAVA_CMD"):
            monkeypatch.delenv(name, raising=False)
        yield made


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str]]:
    """Exit status, and what it says."""
    status = main(argv)
    out, err = capsys.readouterr()
    return status, [*out.splitlines(), *err.splitlines()]


# -- the command line --------------------------------------------------------------------------------------------

WHEREVER = {
    "-o abc": "-o abc: no = in it; KEY=VALUE would do, such as topology.message.timeout.secs=30",
    "-o =1": "-o =1: no key in front of =; KEY=VALUE would do, such as topology.message.timeout.secs=30",
    "-p 0": "--par 0: at least 1 would do",
    "-w 0": "--workers 0: at least 1 would do",
    "-a -1": "--ackers -1: at least 0 would do",
    "-n word": 'topologies: no topology "word"; did you mean "words"?',
    "-e prd": 'config.json: no environment "prd"; did you mean "prod"?',
}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        *((f"{command} {given}", error) for command in ("submit", "run") for given, error in WHEREVER.items()),
        ("submit --wait -1", "--wait -1: no time is less than 0"),
        ("run --time -1", "--time -1: no time is less than 0; 0 is until Ctrl-C"),
    ],
)  # fmt: skip
def test_a_command_line_that_cannot_be_meant_is_refused_at_once(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: str, error: str
) -> None:
    assert (said(capsys, *arguments.split()), desk.was_asked()) == (
        (2, [f"error: {error}"]),
        False,
    )


@pytest.mark.parametrize("name", ["two words", "-words", "..words", "wörter", "a;b"])
def test_a_name_that_is_none_for_storm_or_a_shell_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    desk.write(f"topologies/{name}.clj", TOPOLOGY)
    rule = "letters, digits, . _ and - would do, a letter, a digit or _ in front"
    shown = json.dumps(name, ensure_ascii=False)
    assert (said(capsys, "submit", f"--name={name}"), desk.was_asked()) == (
        (2, [f"error: {shown} is no name for a topology: {rule}"]),
        False,
    )


def test_a_name_with_a_slash_names_no_topology(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (said(capsys, "submit", "-n", "../words"), desk.was_asked()) == (
        (2, ['error: topologies: no topology "../words"; did you mean "words"?']),
        False,
    )


# -- the project -------------------------------------------------------------------------------------------------


NO_NIMBUS = 'envs.prod.nimbus is missing or empty; "storm1.example.com" would do'
NO_WORKERS = (
    'envs.prod.workers is missing or empty; ["storm1.example.com", "storm2.example.com"] would do'
)
NO_ROOT = 'envs.prod.virtualenv_root is missing or empty; "/data/virtualenvs" would do'


@pytest.mark.parametrize(
    ("settings", "errors"),
    [
        ({"nimbus": None}, [NO_NIMBUS]),
        ({"workers": []}, [NO_WORKERS]),
        ({"virtualenv_root": None}, [NO_ROOT]),
        (
            {"nimbus": None, "workers": None, "virtualenv_root": None},
            [NO_NIMBUS, NO_WORKERS, NO_ROOT],
        ),
        (
            {"virtualenv_root": "venvs"},
            [
                "envs.prod.virtualenv_root is 'venvs'; an absolute path would do, the same on every worker"
            ],
        ),
        (
            {"workers": ["a b"]},
            ["envs.prod.workers has 'a b'; host, host:port or user@host would do"],
        ),
    ],
)
def test_an_environment_that_lacks_something_is_refused(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, object],
    errors: list[str],
) -> None:
    desk.config(**settings)
    expected = [f"error: config.json: {error}" for error in errors]
    assert (said(capsys, "submit"), desk.was_asked()) == ((2, expected), False)


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        (
            "virtualenvs/words.txt",
            None,
            "virtualenvs/words.txt: there is none; a file with a line for each package that the workers need, "
            "streamparse among them, would do",
        ),
        (
            "virtualenvs/words.txt",
            "simplejson\n",
            "virtualenvs/words.txt: streamparse is not among its lines; a line streamparse would do",
        ),
        (
            "topologies/words.clj",
            "(ns words)\n(defn words [options]\n  [{\n",
            "topologies/words.clj:3:4: this { is never closed (Storm: EOF while reading); } is missing",
        ),
        (
            "src/spouts.py",
            "class WordSprout:\n    pass\n",
            'topologies/words.clj:3:5: component "word-spout": module spouts has no class WordSpout; '
            'did you mean "spouts.WordSprout"?',
        ),
        (
            "project.clj",
            '(defproject words "1")\n',
            "project.clj: no Storm in it; [org.apache.storm/storm-clojure VERSION] and, under :provided, "
            "storm-client and storm-server would do for 2.x, [org.apache.storm/storm-core VERSION] before",
        ),
        (
            "project.clj",
            None,
            "no project.clj; Leiningen needs one, and `sparse quickstart` shows how it looks",
        ),
    ],
)
def test_a_file_that_is_missing_or_wrong_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], name: str, text: str | None, error: str
) -> None:
    (desk.directory / name).unlink()
    if text is not None:
        desk.write(name, text)
    assert (said(capsys, "submit"), desk.was_asked()) == ((2, [f"error: {error}"]), False)


def test_what_hooks_leave_is_looked_at_as_the_file_is(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write("tasks.py", 'def pre_submit(name, env_name, config):\n    config["workers"] = []\n')
    expected = [f"error: as the hooks leave it, config.json: {NO_WORKERS}"]
    assert (said(capsys, "submit"), desk.was_asked()) == ((2, expected), False)


# -- the tools ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tools", "error"),
    [
        (
            [],
            "no lein on PATH; https://leiningen.org says how to install it (sparse simulate needs neither it nor Java)",
        ),
        (["lein"], "no Java: JAVA_HOME or PATH names none; install a JDK, 17 or newer for Storm 2.8"),
    ],
)  # fmt: skip
def test_missing_tools_are_said_before_a_hook_is_called(
    desk: Desk, capsys: pytest.CaptureFixture[str], tools: list[str], error: str
) -> None:
    desk.write("tasks.py", "def pre_submit(*names):\n    raise RuntimeError('called')\n")
    for name in {"lein", "java"} - {*tools}:
        (desk.tools / name).unlink()
    untouched = "no topology was touched; `sparse submit -n words -e prod` begins again"
    assert (said(capsys, "submit"), desk.was_asked()) == (
        (1, [untouched, f"error: {error}"]),
        False,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="Leiningen asks root alone")
@pytest.mark.parametrize("command", ["submit", "run", "jar"])
def test_root_is_told_of_leiningens_question(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("LEIN_ROOT")
    assert (said(capsys, command), desk.was_asked()) == (
        (
            2,
            [
                "error: you are root, which Leiningen asks about; LEIN_ROOT=1 in the environment says it is meant"
            ],
        ),
        False,
    )


# -- what it would do --------------------------------------------------------------------------------------------


def test_a_dry_run_shows_each_step_and_where_it_would_be_done(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(desk.tools)
    desk.config(nimbus="storm1", workers=["storm2", "storm3"], use_ssh_for_nimbus=True, user="ada")
    shown = said(capsys, "submit", "--dry-run", "--force", "--wait", "7")
    virtualenv = remote.virtualenv_steps(
        Project().environment(), "words", Path("virtualenvs", "words.txt")
    )
    expected = [
        "1. this machine",
        "     pre_submit of tasks.py, then of fabfile.py, where they have one; it may change what follows",
        "2. this machine",
        "     copy src/ to _resources/resources/, and the Clojure of sparse beside it",
        "     lein do clean, uberjar",
        "3. nimbus, storm1:6627, through ssh as ada",
        "     ask whether words runs",
        "4. storm2, storm3, all at once",
        *(f"     {step}" for step in virtualenv),
        "5. nimbus, storm1:6627, through ssh as ada",
        "     see that the cluster runs Storm 2.8.3",
        "     upload the jar",
        "     kill words if it runs, with 7 s to finish, and wait until it is gone",
        "     submit words",
        "6. this machine",
        "     post_submit of tasks.py, then of fabfile.py, where they have one",
    ]
    assert (shown, desk.was_asked()) == ((0, expected), False)

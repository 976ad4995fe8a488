"""The hooks of a project around a submit, in its tasks.py and fabfile.py."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from streamparse.cluster.hooks import run_hooks
from streamparse.project import OperationError, ProjectError, environment_from
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_text(textwrap.dedent(text), encoding="utf-8")


def submit(directory: Path, config: dict[str, object] | None = None) -> dict[str, object]:
    """The environment's section after ``pre_submit`` of these hooks."""
    config = {} if config is None else config
    run_hooks("pre_submit", "wordcount", "prod", config, directory, options={"topology.workers": 2})
    return config


def failure(directory: Path) -> OperationError:
    with pytest.raises(OperationError) as caught:
        submit(directory)
    return caught.value


def test_the_hooks_of_tasks_py_are_called_before_those_of_fabfile_py(project: Path) -> None:
    hook = "def pre_submit(topology, env, config): config[{0!r}] = [topology, env, [*config]]\n"
    write(project / "tasks.py", hook.format("tasks"))
    write(project / "fabfile.py", hook.format("fabfile"))
    assert submit(project) == {
        "tasks": ["wordcount", "prod", []],
        "fabfile": ["wordcount", "prod", ["tasks"]],
    }


def test_a_project_without_hooks_is_left_alone(project: Path) -> None:
    write(project / "tasks.py", "pre_submit = 'tomorrow'\n")
    assert submit(project, {"user": "storm"}) == {"user": "storm"}


def test_a_hook_with_options_is_given_those_of_the_topology(project: Path) -> None:
    write(
        project / "tasks.py",
        "def pre_submit(topology, env, config, options=None): config['options'] = options\n",
    )
    assert submit(project) == {"options": {"topology.workers": 2}}


def test_tasks_of_invoke_and_fabric_may_be_hooks(project: Path) -> None:
    write(
        project / "tasks.py",
        """
        from invoke import task

        @task
        def pre_submit(topology_name, env_name, env_config):
            env_config["tasks"] = topology_name
        """,
    )
    write(
        project / "fabfile.py",
        """
        from fabric import task

        @task
        def pre_submit(c, topology_name, env_name, env_config):
            env_config["fabfile"] = callable(c.run)
        """,
    )
    assert submit(project) == {"tasks": "wordcount", "fabfile": True}


def test_both_hooks_of_a_file_share_what_it_keeps(project: Path) -> None:
    write(
        project / "tasks.py",
        """
        calls = []
        def pre_submit(*_): calls.append("pre")
        def post_submit(topology, env, config): config["calls"] = [*calls, "post"]
        """,
    )
    config = submit(project)
    run_hooks("post_submit", "wordcount", "prod", config, project)
    assert config == {"calls": ["pre", "post"]}


def test_projects_do_not_see_each_others_modules(project: Path) -> None:
    seen = []
    before = ([*sys.path], sys.modules.keys() & {"tasks", "names"})
    for name in ("one", "two"):
        (project / name).mkdir()
        write(project / name / "names.py", f"NAME = {name!r}\n")
        write(
            project / name / "tasks.py",
            """
            import names
            def pre_submit(topology, env, config):
                import names as later
                config["names"] = [names.NAME, later.NAME]
            """,
        )
        seen.append(submit(project / name))
    assert seen == [{"names": ["one", "one"]}, {"names": ["two", "two"]}]
    assert ([*sys.path], sys.modules.keys() & {"tasks", "names"}) == before


def test_what_a_hook_changes_is_read_as_the_file_is() -> None:
    settings = {"workers": ["worker3"], "log": {"level": "DEBUG"}, "ours": 1}
    environment = environment_from("prod", settings)
    assert (environment.workers, environment.log.level) == (("worker3",), "debug")
    with pytest.raises(ProjectError) as caught:
        environment_from("prod", {"workers": "worker3", "log": {"max_bytes": "1 MB"}})
    assert caught.value.problems == (
        'as the hooks leave it, envs.prod.workers is "worker3"; expected a list of hosts, such as '
        '["storm1.example.com", "storm2.example.com"]',
        'as the hooks leave it, envs.prod.log.max_bytes is "1 MB"; expected a whole number, such as 10',
    )


def test_an_error_in_a_hook_is_told_with_its_line_and_their_frames_only(project: Path) -> None:
    write(project / "lib.py", "def announce(name):\n    raise OSError(f'no room for {name}')\n")
    write(
        project / "tasks.py",
        "import lib\n\ndef pre_submit(topology, env, config):\n    lib.announce(topology)\n",
    )
    error = failure(project)
    assert str(error) == "lib.py:2: OSError: no room for wordcount"
    assert [line.strip() for line in error.output.splitlines() if "^" not in line] == [
        "Traceback (most recent call last):",
        f'File "{project}/tasks.py", line 4, in pre_submit',
        "lib.announce(topology)",
        f'File "{project}/lib.py", line 2, in announce',
        "raise OSError(f'no room for {name}')",
        "OSError: no room for wordcount",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\nimport nowhere\n", "tasks.py:2: ModuleNotFoundError: No module named 'nowhere'; "
         "install it beside sparse, or do without nowhere"),
        ("from fabric.api import env\n", "tasks.py:1: ModuleNotFoundError: No module named 'fabric.api'; "
         "fabric 2 and later have Connection and task in fabric itself"),
        ("from streamparse import nowhere\n", "tasks.py:1: ImportError: cannot import name 'nowhere' "
         "from 'streamparse' (PACKAGE)"),
        ("def pre_submit(:\n", "tasks.py:1: SyntaxError: invalid syntax"),
        ("def pre_submit(topology): pass\n", "tasks.py: pre_submit(topology) cannot be called: "
         "too many positional arguments; expected pre_submit(topology_name, env_name, env_config)"),
        ("def pre_submit(*_):\n    raise SystemExit('not on Fridays')\n",
         "tasks.py:2: stopped here: not on Fridays"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_line(project: Path, text: str, line: str) -> None:
    write(project / "tasks.py", text)
    package = str(ROOT / "streamparse" / "__init__.py")
    assert str(failure(project)).replace(package, "PACKAGE") == line

"""The cluster that a command asks, and the way to it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from streamparse.cli.cluster import environment_of, nimbus_of, ui_of
from streamparse.cluster import StormUi, ThriftNimbus
from streamparse.project import ProjectError
from tests.support.nimbus_server import NimbusServer, serving
from tests.support.ui_server import recorded
from tests.support.ui_server import serving as serving_pages


@pytest.fixture
def prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The settings of the environment prod, to be changed before it is asked for."""
    monkeypatch.chdir(tmp_path)
    return {"nimbus": "127.0.0.1", "use_ssh_for_nimbus": False, "nimbos": "x"}


def asked(prod: dict[str, object], name: str | None = None) -> argparse.Namespace:
    Path("config.json").write_text(json.dumps({"envs": {"prod": prod}}))
    return argparse.Namespace(environment=name)


def test_the_only_environment_is_the_default_and_the_projects_warnings_go_to_stderr(
    prod: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    project, environment = environment_of(asked(prod))
    assert (environment, capsys.readouterr().err) == (
        project.environments["prod"],
        "warning: config.json: envs.prod.nimbos is not a known key and has no effect; "
        'did you mean "nimbus"?\n',
    )


def test_an_environment_without_a_nimbus_is_refused(prod: dict[str, object]) -> None:
    prod["nimbus"] = ""
    with pytest.raises(ProjectError, match=r"envs\.prod\.nimbus is missing or empty"):
        environment_of(asked(prod))


def test_clients_are_given_where_nimbus_and_the_ui_answer(prod: dict[str, object]) -> None:
    with serving(NimbusServer("words")) as port, serving_pages(recorded("1.2.4")) as ui_port:
        prod |= {"nimbus": f"127.0.0.1:{port}", "ui.port": ui_port}
        project, environment = environment_of(asked(prod))
        with nimbus_of(project, environment) as nimbus, ui_of(environment) as ui:
            found = ([each.name for each in nimbus.topologies()], ui.cluster().storm_version)
            kinds = (type(nimbus), type(ui))
    assert (found, kinds) == ((["words"], "1.2.4"), (ThriftNimbus, StormUi))

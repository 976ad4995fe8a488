"""Projects in the working directory, for tests of what is read from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamparse.project import Project, ProjectError


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

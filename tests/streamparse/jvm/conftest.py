"""Projects for Leiningen itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from streamparse.project import Project
from tests.support.storm_lines import environment, require


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Project]:
    """A project with this project.clj, in an environment in which Leiningen works."""
    require("lein", "java", "javac")
    for key, value in environment("2.8.3").items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("JVM_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

    def made(project_clj: str) -> Project:
        texts = {
            "project.clj": project_clj,
            "config.json": "{}",
            "src/words.py": "",
            "src/.settings.json": "{}",
            "src/__pycache__/words.pyc": "",
            "topologies/words.clj": "(ns words)\n",
            "topologies/broken.clj": "(ns broken)\n\n(defn broken [] missing)\n",
        }
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return Project(tmp_path)

    return made

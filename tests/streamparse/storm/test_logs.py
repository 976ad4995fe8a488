"""Log records and prints of a component become messages and records."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from streamparse.component import LogStream, StormHandler
from tests.support.component_process import Talk
from tests.support.messages import tup


def test_a_storm_handler_sends_records_as_log_messages() -> None:
    out = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(StormHandler(out))
    logger.debug("a %s", "b")
    logger.critical("c")
    assert [json.loads(part) for part in out.getvalue().split("\nend\n") if part] == [
        {"command": "log", "msg": "a b", "level": 1},
        {"command": "log", "msg": "c", "level": 4},
    ]


def test_printed_lines_become_records_and_blank_ones_do_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    stream = LogStream(logging.getLogger("streamparse.stdout"))
    print("count", 3, "%s", file=stream)
    print("  ", file=stream)
    print("half", end="", file=stream)
    stream.flush()
    assert caplog.messages == ["count 3 %s", "half"]
    assert (stream.isatty(), stream.writable(), stream.encoding) == (False, True, "utf-8")


@pytest.mark.parametrize(
    ("conf", "shown"),
    [
        ({"streamparse.log.level": "debug"}, True),
        ({"streamparse.log.level": "ERROR", "topology.debug": True}, True),
        ({"streamparse.log.level": "info"}, False),
    ],
)
def test_the_log_level_is_the_configured_one_and_topology_debug_overrides_it(
    components: Path, conf: Any, shown: bool
) -> None:
    talk = Talk(
        components,
        ["-m", "streamparse.run", "noisy.Noisy"],
        **{"streamparse.log.path": str(components / "logs"), **conf},
    )
    talk.say(tup("1", "dog"))
    talk.end()
    (log,) = (components / "logs").glob("*.log")
    assert ("a debug record" in log.read_text()) is shown


def test_log_files_rotate_as_configured(components: Path) -> None:
    conf: Any = {
        "streamparse.log.path": str(components / "logs"),
        "streamparse.log.max_bytes": 200,
        "streamparse.log.backup_count": 2,
    }
    talk = Talk(components, ["-m", "streamparse.run", "noisy.Noisy"], **conf)
    for _ in range(20):
        talk.say(tup("1", "dog"))
    talk.end()
    name = f"streamparse_t_b_4_{talk.process.pid}.log"
    files = sorted(path.name for path in (components / "logs").iterdir())
    assert files == [name, f"{name}.1", f"{name}.2"]


def test_a_component_whose_id_is_no_file_name_has_a_log_all_the_same(components: Path) -> None:
    conf: Any = {"streamparse.log.path": str(components / "logs")}
    talk = Talk(components, ["-m", "streamparse.run", "noisy.Noisy"], "in/out", **conf)
    talk.say(tup("1", "dog"))
    talk.end()
    (log,) = (components / "logs").iterdir()
    assert log.name == f"streamparse_t_in_out_4_{talk.process.pid}.log"


def test_a_component_whose_id_is_longer_than_a_file_name_has_a_log_all_the_same(
    components: Path,
) -> None:
    conf: Any = {"streamparse.log.path": str(components / "logs")}
    talk = Talk(components, ["-m", "streamparse.run", "noisy.Noisy"], "b" * 300, **conf)
    talk.say(tup("1", "dog"))
    talk.end()
    (log,) = (components / "logs").iterdir()
    assert log.name == f"streamparse_t_{'b' * 83}-dccc1450d6fc_4_{talk.process.pid}.log"


def test_without_a_log_path_storm_is_told_so(components: Path) -> None:
    messages, _, _ = Talk(components, ["-m", "streamparse.run", "noisy.Noisy"]).end()
    assert [message.get("level") for message in messages] == [None, 3]
    assert "streamparse.log.path is not set" in messages[1]["msg"]


def test_the_settings_of_streamparse_3_are_taken_where_ours_are_not_set(components: Path) -> None:
    conf: Any = {"pystorm.log.path": str(components / "logs"), "pystorm.log.level": "debug"}
    talk = Talk(components, ["-m", "streamparse.run", "noisy.Noisy"], **conf)
    talk.say(tup("1", "dog"))
    talk.end()
    (file,) = (components / "logs").iterdir()
    assert "a debug record" in file.read_text()


def test_without_a_log_path_a_component_of_a_class_logs_to_storm(components: Path) -> None:
    conf: Any = {"streamparse.topology.class": True}
    talk = Talk(components, ["-m", "streamparse.run", "noisy.Noisy"], **conf)
    talk.say(tup("1", "dog"))
    logged = [each["msg"] for each in talk.end()[0] if each.get("command") == "log"]
    assert ("a warning" in logged, "a debug record" in logged) == (True, False)


def test_a_log_directory_that_is_not_there_reaches_storm_as_an_error(components: Path) -> None:
    talk = Talk(
        components, ["-m", "streamparse.run", "noisy.Noisy"], **{"streamparse.log.path": "nowhere"}
    )
    messages, _, status = talk.end()
    assert [message.get("command") for message in messages] == [None, "error", "sync"]
    assert "FileNotFoundError" in messages[1]["msg"]
    assert status == 1


def test_a_handler_that_prints_records_to_stdout_makes_no_records_of_its_own(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("streamparse.stdout")
    monkeypatch.setattr("sys.stdout", LogStream(logger))
    handler = logging.StreamHandler(sys.stdout)
    logger.addHandler(handler)
    try:
        with caplog.at_level(logging.INFO):
            print("printed")
            logger.info("logged")
            print("again")
    finally:
        logger.removeHandler(handler)
    assert caplog.messages == ["printed", "logged", "logged", "again"]

"""Component processes as Storm starts them: nothing but the protocol may come out of their stdout."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Message = Any  # JSON

SOURCES = {
    "noisy.py": """
        import os, subprocess, sys
        print("while importing")
        os.system("echo from a child process")

        from streamparse import Bolt

        class Noisy(Bolt):
            def __init__(self):
                print("in the constructor")
                super().__init__()

            def process(self, tup):
                print("a print", tup.values)
                os.write(1, b"from C")
                subprocess.run(["echo", "from a child"])
                print("to the real one", file=sys.__stdout__)
                self.logger.debug("a debug record")
                self.logger.warning("a warning")
                assert sys.stdin.read() == "", "stdin is nobody's"

        class Ends(Bolt):
            def process(self, tup):
                sys.exit(5)

        class Unready(Bolt):
            def __init__(self, needed):
                pass

        class Unrelated:
            pass
    """,
    "broken.py": "import no_such_module\n",
    "timer.py": """
        from streamparse import TicklessBatchingBolt

        class Timed(TicklessBatchingBolt):
            secs_between_batches = 0.01

            def process_batch(self, key, tups):
                if tups[0].values == ["bad"]:
                    raise ValueError("in the thread")
                self.emit([len(tups)])
    """,
    "looping.py": """
        from streamparse import Bolt

        class Loops(Bolt):
            def process(self, tup):
                self.log("begun")
                while True:
                    self.spin()

            def spin(self):
                pass
    """,
    "alone.py": """
        from streamparse.bolt import Bolt

        class Alone(Bolt):
            def process(self, tup):
                print("printed")
                self.emit(tup.values, need_task_ids=False)

        if __name__ == "__main__":
            Alone().run()
    """,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        lines = text.splitlines()
        (tmp_path / name).write_text("\n".join(line.removeprefix("        ") for line in lines))
    (tmp_path / "logs").mkdir()
    return tmp_path


class Talk:
    """One component process and our end of the conversation."""

    def __init__(
        self, project: Path, command: list[str], component: str = "b", **conf: object
    ) -> None:
        self.project = project
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        context = {"taskid": 4, "componentid": component}
        told = {"topology.name": "t", **conf}
        self.say({"pidDir": str(project), "conf": told, "context": context})

    def say(self, message: Message) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message) + "\nend\n")
        self.process.stdin.flush()

    def hear(self) -> Message:
        assert self.process.stdout
        text = self.process.stdout.readline()
        assert self.process.stdout.readline() == "end\n"
        return json.loads(text)

    def stack(self) -> str:
        """Where its main thread is: the innermost frame."""
        assert self.process.stderr
        os.kill(self.process.pid, signal.SIGUSR2)
        while not self.process.stderr.readline().startswith("Current thread"):
            pass
        return self.process.stderr.readline()

    def end(self) -> tuple[list[Message], str, int]:
        """Close its stdin; the rest of what it said, its stderr and exit status."""
        out, err = self.process.communicate()
        messages = [json.loads(part) for part in out.split("\nend\n") if part]
        return messages, err, self.process.returncode


def tup(*values: object) -> Message:
    return {"id": "1", "comp": "c", "stream": "default", "task": 1, "tuple": list(values)}


def test_whatever_is_printed_at_whatever_level_stays_out_of_the_protocol(project: Path) -> None:
    talk = Talk(
        project,
        ["-m", "streamparse.run", "noisy.Noisy"],
        **{"streamparse.log.path": str(project / "logs")},
    )
    talk.say(tup("dog"))
    messages, err, status = talk.end()
    assert messages == [{"pid": talk.process.pid}, {"command": "ack", "id": "1"}]
    assert [text in err for text in ("while importing", "from a child", "in the", "from C")] == [
        True
    ] * 4
    assert "to the real one" in err
    assert status == 0
    log = (project / f"logs/streamparse_t_b_4_{talk.process.pid}.log").read_text()
    assert "streamparse.stdout - INFO - a print ['dog']" in log
    assert "streamparse.storm.component.b - WARNING - a warning" in log
    assert "a debug record" not in log


@pytest.mark.parametrize(
    ("conf", "shown"),
    [
        ({"streamparse.log.level": "debug"}, True),
        ({"streamparse.log.level": "ERROR", "topology.debug": True}, True),
        ({"streamparse.log.level": "info"}, False),
    ],
)
def test_the_log_level_is_the_configured_one_and_topology_debug_overrides_it(
    project: Path, conf: Any, shown: bool
) -> None:
    talk = Talk(
        project,
        ["-m", "streamparse.run", "noisy.Noisy"],
        **{"streamparse.log.path": str(project / "logs"), **conf},
    )
    talk.say(tup("dog"))
    talk.end()
    (log,) = (project / "logs").glob("*.log")
    assert ("a debug record" in log.read_text()) is shown


def test_log_files_rotate_as_configured(project: Path) -> None:
    conf: Any = {
        "streamparse.log.path": str(project / "logs"),
        "streamparse.log.max_bytes": 200,
        "streamparse.log.backup_count": 2,
    }
    talk = Talk(project, ["-m", "streamparse.run", "noisy.Noisy"], **conf)
    for _ in range(20):
        talk.say(tup("dog"))
    talk.end()
    name = f"streamparse_t_b_4_{talk.process.pid}.log"
    files = sorted(path.name for path in (project / "logs").iterdir())
    assert files == [name, f"{name}.1", f"{name}.2"]


def test_a_component_whose_id_is_no_file_name_has_a_log_all_the_same(project: Path) -> None:
    conf: Any = {"streamparse.log.path": str(project / "logs")}
    talk = Talk(project, ["-m", "streamparse.run", "noisy.Noisy"], "in/out", **conf)
    talk.say(tup("dog"))
    talk.end()
    (log,) = (project / "logs").iterdir()
    assert log.name == f"streamparse_t_in_out_4_{talk.process.pid}.log"


def test_without_a_log_path_storm_is_told_so(project: Path) -> None:
    messages, _, _ = Talk(project, ["-m", "streamparse.run", "noisy.Noisy"]).end()
    assert [message.get("level") for message in messages] == [None, 3]
    assert "streamparse.log.path is not set" in messages[1]["msg"]


def test_a_log_directory_that_is_not_there_reaches_storm_as_an_error(project: Path) -> None:
    talk = Talk(
        project, ["-m", "streamparse.run", "noisy.Noisy"], **{"streamparse.log.path": "nowhere"}
    )
    messages, _, status = talk.end()
    assert [message.get("command") for message in messages] == [None, "error", "sync"]
    assert "FileNotFoundError" in messages[1]["msg"]
    assert status == 1


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("nowhere.Bolt", "No module named 'nowhere'"),
        ("broken.Bolt", "No module named 'no_such_module'"),
        ("noisy.Quiet", "has no class Quiet"),
        ("noisy.Unrelated", "noisy.Unrelated is no component"),
        ("noisy.Unready", "TypeError"),
        ("Noisy", "no dotted name"),
    ],
)
def test_a_class_that_cannot_be_started_reaches_storm_as_an_error(
    project: Path, name: str, finding: str
) -> None:
    messages, _, status = Talk(project, ["-m", "streamparse.run", name]).end()
    assert [message.get("command") for message in messages] == [None, "error", "sync"]
    assert finding in messages[1]["msg"]
    assert "Traceback" in messages[1]["msg"]
    assert status == 1


def test_a_class_is_found_under_src_from_the_top_of_a_project(project: Path) -> None:
    (project / "config.json").write_text("{}")
    (project / "src/bolts").mkdir(parents=True)
    (project / "noisy.py").rename(project / "src/bolts/noisy.py")
    messages, _, status = Talk(project, ["-m", "streamparse.run", "bolts.noisy.Noisy"]).end()
    assert ([message.get("command") for message in messages], status) == ([None, "log"], 0)


def test_a_script_that_runs_its_own_bolt_is_protected_too(project: Path) -> None:
    talk = Talk(project, ["alone.py"], **{"streamparse.log.path": str(project / "logs")})
    talk.say(tup("dog"))
    messages, _, _ = talk.end()
    assert messages[1:] == [
        {"command": "emit", "tuple": ["dog"], "anchors": ["1"], "need_task_ids": False},
        {"command": "ack", "id": "1"},
    ]


def test_a_component_may_end_itself_with_a_status_of_its_own(project: Path) -> None:
    talk = Talk(project, ["-m", "streamparse.run", "noisy.Ends"])
    talk.say(tup("dog"))
    assert talk.end()[2] == 5


def test_a_tickless_bolt_processes_batches_by_the_real_clock(project: Path) -> None:
    talk = Talk(project, ["-m", "streamparse.run", "timer.Timed"])
    assert [talk.hear().get("command") for _ in range(2)] == [None, "log"]
    talk.say(tup("dog"))
    assert [talk.hear()["command"] for _ in range(2)] == ["emit", "ack"]
    talk.say(tup("bad"))
    messages = [talk.hear() for _ in range(3)]
    status = talk.process.wait()
    talk.end()
    assert [message["command"] for message in messages] == ["error", "sync", "fail"]
    assert "ValueError: in the thread" in messages[0]["msg"]
    assert status == 1


def test_a_looping_component_shows_its_stack_when_asked(project: Path) -> None:
    talk = Talk(project, ["-m", "streamparse.run", "looping.Loops"])
    talk.say(tup("dog"))
    while talk.hear().get("msg") != "begun":
        pass
    innermost = talk.stack()
    talk.process.kill()
    talk.end()
    assert 'looping.py", line' in innermost


def test_the_debug_signal_opens_a_debugger_on_a_port(project: Path) -> None:
    import re
    import socket

    talk = Talk(project, ["-m", "streamparse.run", "looping.Loops"])
    talk.say(tup("dog"))
    while talk.hear().get("msg") != "begun":
        pass
    os.kill(talk.process.pid, signal.SIGUSR1)
    assert talk.process.stderr
    line = talk.process.stderr.readline()
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert found, line
    with socket.socket() as client:
        # remote_pdb says where it listens a moment before it does; until then the port refuses.
        while client.connect_ex(("127.0.0.1", int(found[1]))):
            pass
        stream = client.makefile("rw", encoding="utf-8", newline="\n")
        stream.write("p self.component_name\n")
        stream.flush()
        heard = ""
        while "'b'" not in heard:
            heard += stream.read(1)
    talk.process.kill()
    talk.end()
    assert "looping.py" in heard


def test_without_remote_pdb_the_debug_signal_says_how_to_get_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "STREAMPARSE_VIRTUAL_CLOCK", "1"
    )  # so that records are sent to Storm as well
    (project / "remote_pdb.py").write_text("raise ImportError\n")
    talk = Talk(project, ["-m", "streamparse.run", "looping.Loops"])
    talk.say(tup("dog"))
    while talk.hear().get("msg") != "begun":
        pass
    os.kill(talk.process.pid, signal.SIGUSR1)
    said = talk.hear()
    talk.process.kill()
    talk.end()
    assert said["msg"] == "no debugger: remote_pdb is not installed (pip install remote-pdb)"

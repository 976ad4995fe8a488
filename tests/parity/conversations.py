"""What was said in one run of a scenario, in one form for both sides.

A ``Run`` holds a ``Talk`` for each task: its handshake and the messages behind it. What differs from run to run without
meaning anything is gone: process ids, directories, the ids that Storm draws for tuples (they are numbered as they
come), and times. What is left is text, in the order in which it was said, and goes as it is into the recorded files,
which are recordings as ``sparse simulate --record`` makes them: ``storm.replay`` takes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.model.handshake import DEFAULT_CONF
from streamparse.recordings import (
    FROM_STORM,
    Head,
    Idle,
    end_line,
    head_line,
    read_recordings,
    said_line,
)

#: Settings that a component may ask for: those that a simulation's handshake shows, of the 300 of a real one.
SETTINGS = {*DEFAULT_CONF, "topology.multilang.serializer", "topology.shellbolt.max.pending"}


@dataclass(frozen=True)
class Said:
    """One message; ``mark`` is < from Storm, > from the component."""

    mark: str
    text: str
    at_ms: int = 0

    @cached_property
    def message(self) -> Any:
        """The message as JSON; None for what is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


@dataclass(frozen=True)
class Talk:
    """The conversation of one life of a task.

    Attributes:
        life: 1, and more when it is started again.
        worker: whatever tells its worker from all others, those that are gone included.
        expiries: after how many timeouts each id failed.
        waited: how many timeouts after its emit each id failed for the first time; 0 when somebody failed it.
    """

    component: str
    task: int
    context: Mapping[str, Any]
    conf: Mapping[str, Any]
    said: Sequence[Said]
    expiries: Mapping[str, int] = field(default_factory=dict)
    waited: Mapping[str, int] = field(default_factory=dict)
    pid: int = 0
    life: int = 1
    worker: str = ""


@dataclass(frozen=True)
class Run:
    """All of a scenario on one side.

    Attributes:
        end: "over"; or the words in which Storm refused or ended it.
        logged: what came of log messages: (level, component, text).
        trace: the digest of a simulation's trace.
    """

    talks: Sequence[Talk] = ()
    end: str = "over"
    logged: Sequence[tuple[str, str, str]] = ()
    trace: str = ""

    def talk(self, task: int) -> Talk:
        return next(talk for talk in self.talks if talk.task == task)


def read_notes(text: str) -> Talk:
    """The conversation that a recorder wrote down."""
    lines = [line.split(" ", 2) for line in text.splitlines()]
    first = json.loads(lines[0][2])
    context = first["context"]
    raw = [Said(mark, text, int(ms)) for ms, mark, text in lines[1:]]
    said = _numbered(raw)
    timeout_secs = first["conf"]["topology.message.timeout.secs"]
    return Talk(
        component=context["task->component"][str(context["taskid"])],
        task=context["taskid"],
        context=context,
        conf={key: first["conf"][key] for key in sorted(first["conf"]) if _is_told(key)},
        said=said,
        expiries=_expiries(said, timeout_secs),
        waited=_waited(said, timeout_secs),
        pid=next((each.message["pid"] for each in raw if _PID.match(each.text)), 0),
        worker=first["pidDir"],  # Storm gives each worker one of its own
    )


def _is_told(key: str) -> bool:
    return key in SETTINGS or key.startswith("my.")


def _expiries(said: Sequence[Said], timeout_secs: int) -> dict[str, int]:
    fails = (each for each in said if each.mark == "<" and '"command":"fail"' in each.text)
    return {
        json.dumps(each.message["id"]): round(each.at_ms / 1000 / (timeout_secs or 1))
        for each in fails
    }


def _waited(said: Sequence[Said], timeout_secs: int) -> dict[str, int]:
    emitted: dict[str, int] = {}
    found: dict[str, int] = {}
    for each in said:
        message = each.message
        if not isinstance(message, dict) or message.get("id") is None:
            continue
        name, command = json.dumps(message["id"]), message.get("command")
        if each.mark == ">" and command == "emit":
            emitted[name] = each.at_ms
        elif each.mark == "<" and command == "fail" and name in emitted:
            timeouts = (each.at_ms - emitted[name]) / 1000 / (timeout_secs or 1)
            found.setdefault(name, round(timeouts))
    return found


_NAMING = re.compile(r'"(?:id|anchors)": ?(?:"-?\d+"|\[[^\]]*\])')  # where a component names tuples
_IDS = re.compile(r'"(-?\d+)"')
_PID = re.compile(r'^\{"pid": ?\d+\}$')  # as all of our components say it


def _numbered(said: Sequence[Said]) -> list[Said]:
    """The messages with the ids of tuples counted from 1 in the order of their coming, and without pids."""
    numbers: dict[str, str] = {}

    def renumbered(tuple_id: re.Match[str]) -> str:
        return f'"{numbers.get(tuple_id[1], tuple_id[1])}"'

    found = []
    for each in said:
        message = each.message
        text = each.text
        if each.mark == "<" and isinstance(message, dict) and "tuple" in message:
            number = numbers.setdefault(message["id"], str(len(numbers) + 1))
            text = text.replace(f'"id":"{message["id"]}"', f'"id":"{number}"')
        elif each.mark == ">" and isinstance(message, dict) and "pid" in message:
            text = '{"pid": 0}'
        elif each.mark == ">" and numbers:
            text = _NAMING.sub(lambda naming: _IDS.sub(renumbered, naming[0]), text)
        found.append(replace(each, text=text))
    return found


_DIRECTORIES = re.compile(r"(?:/[\w.+-]+)+/(?=(?:streamparse|scripted|topologies)/)")


def without_directories(text: str) -> str:
    """A text that names files of ours by where they are in the project."""
    return _DIRECTORIES.sub("", text)


_RUN = re.compile(r"(.)\1{99,}")


def shortened(text: str) -> str:
    """A message with its long runs of one character told by their lengths: still JSON, if it was."""
    return _RUN.sub(lambda run: f"{run[1]}{{{len(run[0])}}}", text)


# -- files -------------------------------------------------------------------------------------------------------


def reduced(run: Run, compared: Collection[str]) -> Run:
    """A run as its file has it: without times, and without contexts and configurations where nobody compares them."""
    workers = list(dict.fromkeys(talk.worker for talk in run.talks))
    talks = [
        Talk(
            talk.component,
            talk.task,
            talk.context if "context" in compared else {},
            talk.conf if "conf" in compared else {},
            [Said(each.mark, shortened(without_directories(each.text))) for each in talk.said],
            dict(sorted(talk.expiries.items())),
            dict(sorted(talk.waited.items())) if "timed-out" in compared else {},
            life=talk.life,
            worker=str(workers.index(talk.worker)) if "workers" in compared else "",
        )
        for talk in run.talks
    ]
    logged = [(level, component, message) for level, component, message in run.logged]
    return Run(talks, without_directories(run.end), logged)


def dump(run: Run, topology: str) -> str:
    """A reduced run as the text of a file: recordings, behind a head that belongs to the whole run.

    Args:
        run: what ``reduced`` returns.
        topology: whose it is.
    """
    notes: dict[str, Any] = {
        "end": run.end,
        "logged": [list(each) for each in run.logged],
    }
    parts = [head_line(Head(topology, "", 0, notes=notes))]
    for talk in run.talks:
        notes = {
            **({"life": talk.life} if talk.life > 1 else {}),
            **({"worker": talk.worker} if talk.worker else {}),
            **({"expiries": talk.expiries} if talk.expiries else {}),
            **({"waited": talk.waited} if talk.waited else {}),
        }
        handshake = {"pidDir": "", "context": dict(talk.context), "conf": dict(talk.conf)}
        parts.append(head_line(Head(topology, talk.component, talk.task, notes=notes)))
        parts.append(said_line(FROM_STORM, None, json.dumps(handshake)))
        parts += [_line(each) for each in talk.said]
        parts.append(end_line(None, "closed", 0))
    return "".join(parts)


def _line(said: Said) -> str:
    is_json = said.message is not None and "\n" not in said.text and said.text == said.text.strip()
    return said_line(said.mark, None, said.text, is_json=is_json)


def load(path: Path) -> Run:
    """The run in a file."""
    whole, *others = read_recordings(path)
    notes = whole.head.notes
    talks = []
    for each in others:
        first, *said = [
            Said(entry.mark, entry.text) for entry in each.said if not isinstance(entry, Idle)
        ]
        own = each.head.notes
        talks.append(
            Talk(
                each.head.component,
                each.head.task,
                first.message["context"],
                first.message["conf"],
                said,
                own.get("expiries", {}),
                own.get("waited", {}),
                life=own.get("life", 1),
                worker=own.get("worker", ""),
            )
        )
    logged = [(level, component, message) for level, component, message in notes["logged"]]
    return Run(talks, notes["end"], logged)


def read_directory(directory: Path) -> list[Talk]:
    """The conversations that recorders left in a directory, by task, up to the end of the topology.

    All lives of a task are one: in a LocalCluster nobody starts it again but by mistake.
    """
    return [_ended(read_notes("".join(lives))) for lives in _texts(directory).values()]


def read_lives(directory: Path) -> list[Talk]:
    """The same with a conversation for each life of a task."""
    return [
        replace(_ended(read_notes(text)), life=life)
        for lives in _texts(directory).values()
        for life, text in enumerate(lives, 1)
    ]


def _texts(directory: Path) -> dict[int, list[str]]:
    """What was written down of each task, life by life."""
    found: dict[int, list[str]] = {}
    names = [path.name.partition(".") for path in directory.iterdir()] if directory.is_dir() else []
    for task, dot, life in sorted(names, key=lambda name: (int(name[0]), int(name[2] or 1))):
        text = (directory / f"{task}{dot}{life}").read_text(encoding="utf-8", errors="replace")
        found.setdefault(int(task), []).append(text)
    return found


def _ended(talk: Talk) -> Talk:
    """Without the deactivation that comes with the killing of the topology, which no simulation has."""
    switches = [
        at for at, each in enumerate(talk.said) if re.search('"command":"(de)?activate"', each.text)
    ]
    if switches and "deactivate" in talk.said[switches[-1]].text:
        return replace(talk, said=talk.said[: switches[-1]])
    return talk

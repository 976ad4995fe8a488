"""The parts of a run that are compared: each view is a function from a run to a JSON value; values have to be equal."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.parity.conversations import Run, Said, Talk


def name_of(talk: Talk, run: Run) -> str:
    """A task as its component and its place in it: ids shift, and some views are about more than ids."""
    tasks = {each.task: None for each in run.talks if each.component == talk.component}
    return f"{talk.component}[{[*tasks].index(talk.task)}]"


def life_of(talk: Talk, run: Run) -> str:
    """The same, and which life it is when it is not the first."""
    return name_of(talk, run) + (f", life {talk.life}" if talk.life > 1 else "")


def by_task(view: Callable[[Talk, Run], Any]) -> Callable[[Run], Any]:
    """A view of each task, by name; tasks of which there is nothing to see are left out."""

    def whole(run: Run) -> Any:
        found = {life_of(talk, run): view(talk, run) for talk in run.talks}
        return {name: each for name, each in found.items() if each not in ([], {}, None)}

    whole.__doc__ = view.__doc__
    return whole


# -- pieces of a conversation --------------------------------------------------------------------------------------


def tuples(talk: Talk) -> Iterator[tuple[Said, dict[str, Any]]]:
    """What a bolt was handed, without ticks."""
    for each in talk.said:
        message = each.message
        is_tuple = each.mark == "<" and isinstance(message, dict) and "tuple" in message
        if is_tuple and message["comp"] != "__system":
            yield each, message


def ticks_of(talk: Talk) -> list[str]:
    """The texts of its ticks, without their ids."""
    return [
        without_id(each.text)
        for each in talk.said
        if each.mark == "<" and '"stream":"__tick"' in each.text
    ]


def commands(talk: Talk) -> Iterator[tuple[Said, dict[str, Any]]]:
    """What a spout was told."""
    for each in talk.said:
        message = each.message
        if each.mark == "<" and isinstance(message, dict) and "command" in message:
            yield each, message


def spoken(talk: Talk, *names: str) -> Iterator[tuple[Said, dict[str, Any]]]:
    """The component's messages of these commands."""
    for each in talk.said:
        message = each.message
        if each.mark == ">" and isinstance(message, dict) and message.get("command") in names:
            yield each, message


_ID = re.compile(r'"id":"\d+"')


def without_id(text: str) -> str:
    return _ID.sub('"id":"#"', text)


def named(talk: Talk, run: Run) -> Mapping[str, str]:
    """The tuples of a bolt by id: where each came from, and what it holds."""
    names = {each.task: name_of(each, run) for each in run.talks}
    found = {}
    for said in talk.said:
        message = said.message
        if said.mark == "<" and isinstance(message, dict) and "tuple" in message:
            source = names.get(message["task"], message["comp"])
            found[message["id"]] = f"{source} {message['stream']} {text_of(message['tuple'])}"
    return found


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# -- views ---------------------------------------------------------------------------------------------------------


def tasks(run: Run) -> Any:
    """The task ids of each component."""
    found: dict[str, list[int]] = defaultdict(list)
    for talk in run.talks:
        if talk.life == 1:
            found[talk.component].append(talk.task)
    return dict(sorted(found.items()))


def lives(run: Run) -> Any:
    """How often the process of each task was started."""
    found: dict[str, int] = {}
    for talk in run.talks:
        found[name_of(talk, run)] = max(talk.life, found.get(name_of(talk, run), 0))
    return found


def workers(run: Run) -> Any:
    """Which tasks are in one worker, and so start and die together."""
    found: dict[str, list[str]] = defaultdict(list)
    for talk in run.talks:
        found[talk.worker].append(life_of(talk, run))
    return sorted(found.values())


def context(talk: Talk, run: Run) -> Any:
    """The context of the handshake, as text, because the order of its keys is Java's."""
    return text_of(talk.context)


def conf(talk: Talk, run: Run) -> Any:
    """The configuration of the handshake: the keys that a component may ask for, and those that the scenario sets."""
    return dict(talk.conf)


def life(talk: Talk, run: Run) -> Any:
    """The messages of a spout's conversation before its first emit."""
    found = []
    for each in talk.said:
        message = each.message
        if each.mark == ">" and isinstance(message, dict) and message.get("command") == "emit":
            break
        found.append(f"{each.mark} {each.text.replace(' ', '')}")
    return found if any(commands(talk)) else None


def placed(talk: Talk, run: Run) -> Any:
    """The tuples that a task received, in any order."""
    return sorted(name for name in named(talk, run).values() if not name.startswith("__system"))


def seen(talk: Talk, run: Run) -> Any:
    """The different tuples that a task received, once or more often."""
    return sorted(set(placed(talk, run)))


def received(talk: Talk, run: Run) -> Any:
    """The tuples that a task received, in order for each source."""
    names = {each.task: name_of(each, run) for each in run.talks}
    found: dict[str, list[str]] = defaultdict(list)
    for _, message in tuples(talk):
        found[names[message["task"]]].append(f"{message['stream']} {text_of(message['tuple'])}")
    return dict(sorted(found.items()))


def got(run: Run) -> Any:
    """The tuples that all tasks of a component together received."""
    return _together(run, placed)


def got_any(run: Run) -> Any:
    """Whether each task received any tuple."""
    return {name_of(talk, run): bool(placed(talk, run)) for talk in run.talks}


def settled_any(run: Run) -> Any:
    """What all tasks of a component together acked and failed."""
    return _together(run, settled)


def _together(run: Run, each: Callable[[Talk, Run], list[Any]]) -> Any:
    found: dict[str, list[Any]] = defaultdict(list)
    for talk in run.talks:
        found[talk.component] += each(talk, run)
    return {component: sorted(values) for component, values in found.items() if values}


def texts(talk: Talk, run: Run) -> Any:
    """The bytes that Storm wrote of each tuple, without its id."""
    return [without_id(said.text) for said, _ in tuples(talk)]


def replies(talk: Talk, run: Run) -> Any:
    """The reply to each emit that waited for task ids."""
    answers = [
        said.message for said in talk.said if said.mark == "<" and isinstance(said.message, list)
    ]
    asked = [
        f"{message.get('stream', 'default')} {text_of(message['tuple'])}"
        for _, message in spoken(talk, "emit")
        if message.get("need_task_ids", True) and message.get("task") is None
    ]
    missing: list[Any] = ["never"] * (len(asked) - len(answers))
    return [[emit, answer] for emit, answer in zip(asked, [*answers, *missing], strict=True)]


def outcomes(talk: Talk, run: Run) -> Any:
    """The acks and fails that a spout got for each message id, sorted by the text of the id."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, message in commands(talk):
        if message["command"] in ("ack", "fail"):
            found[text_of(message["id"])].append(message["command"])
    return dict(sorted(found.items()))


def last_outcome(talk: Talk, run: Run) -> Any:
    """The last ack or fail that a spout got for each message id."""
    return {name: every[-1] for name, every in outcomes(talk, run).items()}


def failed(talk: Talk, run: Run) -> Any:
    """The message ids that failed at a spout, once or more often."""
    return [name for name, every in outcomes(talk, run).items() if "fail" in every]


def timed_out(talk: Talk, run: Run) -> Any:
    """Of the failed message ids, those whose first fail was a timeout."""
    return sorted(name for name, timeouts in talk.waited.items() if timeouts)


def settled(talk: Talk, run: Run) -> Any:
    """The acks and fails of a bolt, with the tuples that they name."""
    names = named(talk, run)
    every = [
        f"{message['command']} {names.get(message['id'], message['id'])}"
        for _, message in spoken(talk, "ack", "fail")
    ]
    return sorted(each for each in every if " __system " not in each)


def emitted(talk: Talk, run: Run) -> Any:
    """The emitted tuples, with their anchors."""
    names = named(talk, run)
    found = []
    for _, message in spoken(talk, "emit"):
        anchors = [names.get(each, each) for each in message.get("anchors", [])]
        found.append([message.get("stream", "default"), text_of(message["tuple"]), *anchors])
    return found


def ticks(talk: Talk, run: Run) -> Any:
    """The content of a tick; nothing where none came."""
    return sorted(set(ticks_of(talk)))


def turns(talk: Talk, run: Run) -> Any:
    """The whole conversation of a spout, message by message."""
    if not any(commands(talk)):
        return None
    return [f"{said.mark} {without_id(said.text).replace(' ', '')}" for said in talk.said]


def told(talk: Talk, run: Run) -> Any:
    """The commands to a spout as Storm wrote them, without turns in which nothing happened."""
    return [said.text for said, _ in commands(talk)]


def switches(talk: Talk, run: Run) -> Any:
    """When a spout is activated and deactivated, between its turns, acks and fails."""
    names = [message["command"] for _, message in commands(talk)]
    told = [name if name in ("activate", "deactivate") else "turns" for name in names]
    return [name for name, before in zip(told, [None, *told], strict=False) if name != before]


def sequence(talk: Talk, run: Run) -> Any:
    """The names of a spout's commands."""
    return [message["command"] for _, message in commands(talk)]


def expiries(talk: Talk, run: Run) -> Any:
    """The number of timeout periods from the handshake to the fail of each id."""
    return dict(talk.expiries)


def parting(talk: Talk, run: Run) -> Any:
    """A component's messages from its first error on; of a traceback only the last line, which is always the same."""
    found: list[str] = []
    for said in talk.said:
        message = said.message
        if said.mark == ">" and isinstance(message, dict):
            if message.get("command") == "error":
                lines = message["msg"].strip().splitlines()
                found.append(f"error: {lines[-1]}")
            elif found and message.get("command") != "sync":
                found.append(str(message.get("command")))
    return found


def logged(run: Run) -> Any:
    """The log messages from INFO on: level and text of each, by component."""
    found: dict[str, list[str]] = defaultdict(list)
    for level, component, text in run.logged:
        if level in ("INFO", "WARN", "ERROR"):
            found[component].append(f"{level} {text}")
    return found


def end(run: Run) -> Any:
    """How the run ended: completed, died, hung until its components were ended, or refused."""
    return run.end.partition(":")[0]


def words(run: Run) -> Any:
    """How the run ended, in Storm's own text; for Java's own exceptions their class, because each JDK has another text.

    A run that hung has a text too, when its components are ended.
    """
    text = _NAMED_ID.sub("#", _HUNG.sub("died: ", run.end))
    return next((f"died: {kind}" for kind, shape in DEATHS if shape.search(text)), text).strip()


_HUNG = re.compile(r"^hung: ")
_NAMED_ID = re.compile(r"(?<=id: )-?\d+|(?<=onto )-?\d+(?= after)")

#: Deaths that are told in other words by every line, JDK or parser: what they are, and how they are told.
DEATHS = (
    (
        "a message that is no JSON",
        re.compile(
            r"unable to parse|Unexpected .* at position|Unexpected .* position \d|ParseException$"
        ),
    ),
    ("ClassCastException", re.compile("cannot be cast|ClassCastException")),
    (
        "NullPointerException",
        re.compile(r"NullPointerException|^died: Cannot invoke .* because .* is null$"),
    ),
    (
        "the process is gone",
        re.compile(
            r"Pipe to subprocess seems to be broken|ended with exit status|Stream closed|Broken pipe"
        ),
    ),
)

VIEWS: Mapping[str, Callable[[Run], Any]] = {
    "tasks": tasks,
    "lives": lives,
    "workers": workers,
    "context": by_task(context),
    "conf": by_task(conf),
    "life": by_task(life),
    "placed": by_task(placed),
    "seen": by_task(seen),
    "received": by_task(received),
    "texts": by_task(texts),
    "replies": by_task(replies),
    "outcomes": by_task(outcomes),
    "last-outcome": by_task(last_outcome),
    "failed": by_task(failed),
    "timed-out": by_task(timed_out),
    "settled": by_task(settled),
    "emitted": by_task(emitted),
    "ticks": by_task(ticks),
    "turns": by_task(turns),
    "logged": logged,
    "commands": by_task(told),
    "sequence": by_task(sequence),
    "switches": by_task(switches),
    "expiries": by_task(expiries),
    "parting": by_task(parting),
    "got": got,
    "got-any": got_any,
    "settled-any": settled_any,
    "words": words,
    "end": end,
}


def view(name: str, run: Run) -> Any:
    """The value of a view; with a trailing ``~`` lists are sorted, so that they compare as multisets."""
    value = VIEWS[name.removesuffix("~")](run)
    return in_any_order(value) if name.endswith("~") else value


def in_any_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_any_order(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(value, key=text_of)
    return value


def differences(compared: Any, run: Run, other: Run) -> dict[str, tuple[Any, Any]]:
    """The views in which two runs differ, and the two values."""
    found = {}
    for name in [*compared, "end"]:
        one, two = view(name, run), view(name, other)
        if one != two:
            found[name] = (one, two)
    return found

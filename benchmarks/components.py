"""How fast a component process takes tuples: ours, streamparse 5.0.1's, pystorm 3.1.4's, and a bare loop's.

Every contestant is a real process that is fed 50,000 tuples through a pipe and answers each with an emit and an ack (a
spout: an emit and a sync). The bare loop reads, decodes, encodes and writes together, and does nothing else: it is
the limit of anything written in Python with the standard library's JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO, Literal

from benchmarks.measure import (
    ROOT,
    ROUNDS,
    Result,
    a_second,
    in_turn,
    instructions,
    over,
    rounds,
)

Kind = Literal["bolt", "spout"]

TUPLES = 50_000
PEERS = ("streamparse==5.0.1", "pystorm==3.1.4")

BOLT = """
from streamparse import Bolt
class Echo(Bolt):
    def process(self, tup):
        self.emit(tup.values, need_task_ids=WAIT)
Echo().run()
"""
SPOUT = """
from streamparse import Spout
class Source(Spout):
    n = 0
    def next_tuple(self):
        self.n += 1
        self.emit(["dog"], tup_id=self.n, need_task_ids=WAIT)
Source().run()
"""
BARE = """
import json, os, sys
read = sys.stdin.buffer.readline
loads, dumps = json.loads, json.dumps
out = []; size = n = 0
def message():
    lines = []
    while True:
        line = read()
        if not line:
            if out: os.write(1, "".join(out).encode())
            sys.exit()
        if line == b"end\\n":
            return loads(lines[0])
        lines.append(line)
message()
os.write(1, b'{"pid": %d}\\nend\\n' % os.getpid())
while True:
    tup = message()
    if isinstance(tup, list):
        continue
    n += 1
    text = ANSWER
    out.append(text); size += len(text)
    if size > 60000:
        os.write(1, "".join(out).encode()); out = []; size = 0
"""
BARE_ANSWER = {
    "bolt": (
        'dumps({"command": "emit", "tuple": tup["tuple"], "anchors": [tup["id"]]IDS}) + "\\nend\\n"'
        ' + dumps({"command": "ack", "id": tup["id"]}) + "\\nend\\n"'
    ),
    "spout": (
        'dumps({"command": "emit", "tuple": ["dog"], "id": nIDS}) + "\\nend\\n"'
        ' + \'{"command": "sync"}\\nend\\n\''
    ),
}
DONE = {"bolt": b'"ack"', "spout": b'"sync"'}  # in the last message about a tuple


def loop(kind: Kind, *, awaited: bool, quick: bool) -> Sequence[Result]:
    """Against streamparse 5.0.1, pystorm and the bare loop."""
    data = fed(kind, awaited=awaited)
    ours = (BOLT if kind == "bolt" else SPOUT).replace("WAIT", str(awaited))
    pystorms = ours.replace("from streamparse", "from pystorm")
    ids = "" if awaited else ', "need_task_ids": False'
    bare = BARE.replace("ANSWER", BARE_ANSWER[kind]).replace("IDS", ids)
    here, there = sys.executable, peers()
    rates, *others = in_turn(
        rounds(ROUNDS, quick=quick),
        lambda: rate(here, ours, data, DONE[kind]),
        lambda: rate(there, ours, data, DONE[kind]),
        lambda: rate(there, pystorms, data, DONE[kind]),
        lambda: rate(here, bare, data, DONE[kind]),
    )
    return [Result(a_second(rates), over(rates, theirs)) for theirs in others]


@cache
def peers() -> str:
    """The interpreter of an environment that has the peers; it is made when there is none."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = caches / "streamparse-benchmarks" / "-".join([*PEERS, version]).replace("==", "-")
    python, made = place / "bin" / "python", place / "made"
    if not made.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
        made.touch()
    return str(python)


def fed(kind: Kind, *, awaited: bool) -> bytes:
    """All that is written to a contestant after the handshake."""
    ids = b"[4]\nend\n" if awaited else b""
    if kind == "spout":
        return (b'{"id":"","command":"next"}\nend\n' + ids) * TUPLES
    text = '{"comp":"words","tuple":["dog",%d],"task":6,"stream":"default","id":"%d"}\nend\n'
    return b"".join((text % (n, n)).encode() + ids for n in range(TUPLES))


def rate(python: str, code: str, data: bytes, done: bytes) -> float:
    """Tuples a second, from the first byte to the last answer."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "component.py").write_text(code)
        logs = {"streamparse.log.path": directory, "pystorm.log.path": directory}
        context = {"taskid": 4, "componentid": "b"}
        told = {"pidDir": directory, "conf": {"topology.name": "t", **logs}, "context": context}
        env = dict(os.environ, PYTHONPATH=str(ROOT) if python == sys.executable else "")
        with subprocess.Popen(
            [python, "component.py"],
            cwd=directory,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(told).encode() + b"\nend\n")
            process.stdout.read(1)  # it has answered the handshake
            began = time.perf_counter()
            feeder = threading.Thread(target=_feed, args=(process.stdin, data))
            feeder.start()
            seen, rest = 0, b""
            while seen < TUPLES:
                piece = process.stdout.read(1 << 18)
                if not piece:
                    raise RuntimeError(f"a contestant ended after {seen} of {TUPLES} tuples")
                rest += piece
                seen += rest.count(done)
                rest = rest[-(len(done) - 1) :]
            took = time.perf_counter() - began
            feeder.join()
    return TUPLES / took


def _feed(stdin: IO[bytes], data: bytes) -> None:
    with stdin:
        view = memoryview(data)
        while view:
            view = view[stdin.write(view[: 1 << 16]) :]


WORKING_BOLT = """
import json
from streamparse import Bolt
ORDER = json.dumps({"lines": [{"item": n, "price": 1.5 * n, "name": "dog"} for n in range(20)]})
class Working(Bolt):
    def process(self, tup):
        order = json.loads(ORDER)
        sums = {}
        for _ in range(100):
            for line in order["lines"]:
                sums[line["name"]] = sums.get(line["name"], 0) + line["price"]
        self.emit([tup.values[0], sums["dog"]], need_task_ids=False)
Working().run()
"""


def recorded(*, quick: bool) -> Sequence[Result | None]:
    """A bolt that emits and acks, in instructions a tuple: recorded, behind its limit, and not recorded.

    Two runs of different lengths are counted, so that the start of the process does not count.
    """
    return _recorded(BOLT.replace("WAIT", "False"), 2000, 4000 if quick else 7000, (1_000_000, 1))


def recorded_work(*, quick: bool) -> Sequence[Result | None]:
    """A bolt that parses JSON and works for a millisecond, in instructions a tuple: recorded, and not recorded."""
    return _recorded(WORKING_BOLT, 100, 200 if quick else 300, (1_000_000,))


def _recorded(code: str, few: int, many: int, limits: Sequence[int]) -> Sequence[Result | None]:
    with tempfile.TemporaryDirectory() as directory:
        bolt = Path(directory, "component.py")
        bolt.write_text(code)

        def of(record: object) -> float | None:
            counts = []
            for tuples in (few, many):
                conf = {"topology.name": "t", "streamparse.log.path": directory}
                told = {
                    "pidDir": directory,
                    "conf": conf if record is None else {**conf, "streamparse.record": record},
                    "context": {"taskid": 4, "componentid": "b"},
                }
                given = Path(directory, "given")
                piece = fed("bolt", awaited=False).split(b"\nend\n")[:tuples]
                given.write_bytes(b"\nend\n".join([json.dumps(told).encode(), *piece, b""]))
                counts.append(
                    instructions([sys.executable, str(bolt)], given, env={"PYTHONPATH": str(ROOT)})
                )
            if counts[0] is None or counts[1] is None:
                return None
            return (counts[1] - counts[0]) / (many - few)

        of({})  # from now on all modules have their bytecode
        plain = of(None)
        found = [of({"tuples": limit}) for limit in limits]
    return [
        None
        if plain is None or each is None
        else Result(f"{each:,.0f} instructions", [each / plain])
        for each in found
    ]

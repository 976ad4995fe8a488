"""How fast a component process takes tuples: ours, pystorm's, and a bare loop that does nothing else.

Every contestant is a real process that is fed 50,000 tuples through a pipe and answers each with an emit and an ack.
The contestants take turns, so that the machine's moods hit all alike, and the ratios are taken within a round.

    python benchmarks/component_loop.py [--rounds 7] [--tuples 50000]

pystorm is compared when it can be imported: pip install pystorm==3.1.4
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

BARE = """
import json, os, sys
read = sys.stdin.buffer.readline
loads, dumps = json.loads, json.dumps
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
out = []
handshake = message()
os.write(1, b'{"pid": %d}\\nend\\n' % os.getpid())
size = 0
while True:
    tup = message()
    if isinstance(tup, list):
        continue
    emit = dumps({"command": "emit", "tuple": tup["tuple"], "anchors": [tup["id"]]WAIT}) + "\\nend\\n"
    ack = dumps({"command": "ack", "id": tup["id"]}) + "\\nend\\n"
    out.append(emit); out.append(ack)
    size += len(emit) + len(ack)
    if size > 60000:
        os.write(1, "".join(out).encode()); out = []; size = 0
"""
OURS = """
from streamparse import Bolt
class Echo(Bolt):
    def process(self, tup):
        self.emit(tup.valuesWAIT)
Echo().run()
"""
PYSTORM = OURS.replace("from streamparse import", "from pystorm import")
SPOUT_BARE = """
import json, os, sys
read = sys.stdin.buffer.readline
out = []; size = 0; n = 0
def message():
    lines = []
    while True:
        line = read()
        if not line:
            if out: os.write(1, "".join(out).encode())
            sys.exit()
        if line == b"end\\n":
            return json.loads(lines[0])
        lines.append(line)
message()
os.write(1, b'{"pid": %d}\\nend\\n' % os.getpid())
while True:
    if isinstance(message(), list):
        continue
    n += 1
    text = json.dumps({"command": "emit", "tuple": ["dog"], "id": nWAIT}) + "\\nend\\n" + '{"command": "sync"}\\nend\\n'
    out.append(text); size += len(text)
    if size > 60000:
        os.write(1, "".join(out).encode()); out = []; size = 0
"""
SPOUT = """
from streamparse import Spout
class Source(Spout):
    n = 0
    def next_tuple(self):
        self.n += 1
        self.emit(["dog"], tup_id=self.nWAIT)
Source().run()
"""


def contestants(kind: str, *, awaited: bool) -> dict[str, str]:
    ours, bare = (OURS, BARE) if kind == "bolt" else (SPOUT, SPOUT_BARE)
    found = {"streamparse": ours, "bare loop": bare}
    if importlib.util.find_spec("pystorm"):
        found["pystorm"] = ours.replace("from streamparse import", "from pystorm import")
    return {name: _with_ids(code, name, awaited=awaited) for name, code in found.items()}


def _with_ids(code: str, name: str, *, awaited: bool) -> str:
    if name == "bare loop":
        return code.replace("WAIT", "" if awaited else ', "need_task_ids": False')
    return code.replace("WAIT", f", need_task_ids={awaited}")


def fed(kind: str, tuples: int, *, awaited: bool) -> bytes:
    """All that is written to a contestant after the handshake."""
    ids = b"[4]\nend\n" if awaited else b""
    if kind == "spout":
        return (b'{"id":"","command":"next"}\nend\n' + ids) * tuples
    text = '{"comp":"words","tuple":["dog",%d],"task":6,"stream":"default","id":"%d"}\nend\n'
    return b"".join((text % (n, n)).encode() + ids for n in range(tuples))


def rate(code: str, data: bytes, tuples: int, done: bytes) -> float:
    """Tuples a second, from the first byte to the last answer."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "component.py").write_text(code)
        conf = {
            "topology.name": "t",
            "streamparse.log.path": directory,
            "pystorm.log.path": directory,
        }
        context = {"taskid": 4, "componentid": "b"}
        told = json.dumps({"pidDir": directory, "conf": conf, "context": context})
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        process = subprocess.Popen(
            [sys.executable, "component.py"],
            cwd=directory,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write(told.encode() + b"\nend\n")
        process.stdout.read(1)  # it has answered the handshake
        began = time.perf_counter()
        feeder = threading.Thread(target=_feed, args=(process.stdin, data))
        feeder.start()
        seen, rest = 0, b""
        while seen < tuples:
            piece = process.stdout.read(1 << 18)
            if not piece:
                raise RuntimeError(f"a contestant ended after {seen} of {tuples} tuples")
            rest += piece
            seen += rest.count(done)
            rest = rest[-(len(done) - 1) :]
        took = time.perf_counter() - began
        feeder.join()
        process.wait()
        process.stdout.close()
        return tuples / took


def _feed(stdin: Callable[..., object], data: bytes) -> None:
    with stdin:  # type: ignore[attr-defined]
        view = memoryview(data)
        while view:
            view = view[stdin.write(view[: 1 << 16]) :]  # type: ignore[attr-defined]


def measure(kind: str, *, awaited: bool, tuples: int, rounds: int) -> Mapping[str, list[float]]:
    data = fed(kind, tuples, awaited=awaited)
    done = b'"ack"' if kind == "bolt" else b'"sync"'
    codes = contestants(kind, awaited=awaited)
    rates: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(rounds):
        for name, code in codes.items():
            rates[name].append(rate(code, data, tuples, done))
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tuples", type=int, default=50_000)
    args = parser.parse_args()
    for kind in ("bolt", "spout"):
        for awaited in (False, True):
            rates = measure(kind, awaited=awaited, tuples=args.tuples, rounds=args.rounds)
            print(f"{kind}, task ids {'awaited' if awaited else 'not awaited'}:")
            for name, found in rates.items():
                ratios = [
                    ours / theirs for ours, theirs in zip(rates["streamparse"], found, strict=True)
                ]
                print(
                    f"  {name:12} {statistics.median(found):9,.0f} tuples/s"
                    f"   streamparse is {statistics.median(ratios):.2f}x"
                    f" ({min(ratios):.2f} to {max(ratios):.2f})"
                )


if __name__ == "__main__":
    main()

"""``sparse simulate`` as a user types it: what it prints, how it exits, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import EXAMPLES

WORDS = '''
from collections import Counter
from itertools import cycle
from streamparse import Bolt, Spout

class WordSpout(Spout):
    def initialize(self, storm_conf, context):
        self.words = cycle(["dog", "cat", "zebra", "elephant"])
        self.number = 0

    def next_tuple(self):
        self.number += 1
        self.emit([next(self.words)], tup_id=self.number)

class CareSpout(WordSpout):
    def next_tuple(self):
        self.emit([next(self.words)])

    def fail(self, tup_id):
        pass

class Counts(Bolt):
    def initialize(self, storm_conf, context):
        self.counts = Counter()
        self.logger.info("ready")
        self.logger.debug("details")
        print("a print")

    def process(self, tup):
        word = tup.values[0]
        self.counts[word] += 1
        self.emit([word, self.counts[word]])

class Forgets(Bolt):
    auto_ack = False

    def process(self, tup):
        pass

class Breaks(Bolt):
    def process(self, tup):
        raise ValueError("no good: " + tup.values[0])

class Strays(Bolt):
    def process(self, tup):
        self.emit(tup.values, stream="nowhere")

class Stays(Bolt):
    """Ignores everything that should end it, and starts a process of its own."""

    def initialize(self, storm_conf, context):
        import os, signal, subprocess
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "1000"])
        self.log(f"pids {os.getpid()} {child.pid}")

    def process(self, tup):
        pass

    def run(self):
        try:
            super().run()
        except SystemExit:
            while True:
                import time
                time.sleep(1000)
'''  # fmt: skip

TOPOLOGY = """(ns words (:use [streamparse.specs]))
(defn words [options]
  [{{"word-spout" (python-spout-spec options "words.{spout}" ["word"])}}
   {{"count-bolt" (python-bolt-spec options {{"word-spout" ["word"]}} "words.{bolt}" ["word" "count"] :p 2)}}])
"""


@dataclass
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Sparse = Callable[..., Done]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "src").mkdir()
    (tmp_path / "topologies").mkdir()
    (tmp_path / "src/words.py").write_text(WORDS)
    _write(tmp_path)
    return tmp_path


def _write(project: Path, spout: str = "WordSpout", bolt: str = "Counts") -> None:
    text = TOPOLOGY.format(spout=spout, bolt=bolt)
    (project / "topologies/words.clj").write_text(text)


@pytest.fixture
def sparse(project: Path) -> Sparse:
    def call(*words: str, cwd: Path = project, **env: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "streamparse.cli.sparse", *words],
            cwd=cwd,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call


def test_the_words_are_counted_right(sparse: Sparse, project: Path) -> None:
    done = sparse("simulate", "--json", "--trace", "trace.jsonl", "-t", "1")
    _, *lines = (project / "trace.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    emitted = [
        e["values"] for e in events if (e["event"], e["component"]) == ("emit", "count-bolt")
    ]
    told = {word: max(n for w, n in emitted if w == word) for word, _ in emitted}
    assert told == dict(Counter(word for word, _ in emitted))
    assert sum(told.values()) == done.json["components"]["count-bolt"]["executed"] == 1000


def test_the_json_object_is_all_there_is_on_stdout(sparse: Sparse) -> None:
    done = sparse("simulate", "--json", "-t", "0.1", "--seed", "7")
    assert done.status == 0
    found = done.json
    assert re.fullmatch("[0-9a-f]{64}", found.pop("trace_sha256"))
    latency = found["components"]["word-spout"].pop("complete_ms")
    assert 0 < latency["mean"] <= latency["max"]
    outputs = found.pop("outputs")["count-bolt"]["default"]
    assert len(outputs) == 5
    assert found == {
        "topology": "words",
        "storm": "2.8.3",
        "seed": 7,
        "virtual_ms": 100,
        "stopped": "time",
        "components": {
            "word-spout": {
                "type": "spout",
                "tasks": [5],
                "emitted": {"default": 100},
                "acked": 100,
                "failed": 0,
                "pending": 0,
            },
            "count-bolt": {
                "type": "bolt",
                "tasks": [3, 4],
                "executed": 100,
                "emitted": {"default": 100},
                "acked": 100,
                "failed": 0,
            },
        },
        "warnings": [],
        "errors": [],
    }


def test_the_digest_is_that_of_the_trace_file_without_its_head(
    sparse: Sparse, project: Path
) -> None:
    import hashlib

    done = sparse("simulate", "--json", "--trace", "out.jsonl", "-t", "0.05")
    head, _, rest = (project / "out.jsonl").read_bytes().partition(b"\n")
    assert json.loads(head)["topology"] == "words"
    assert done.json["trace_sha256"] == hashlib.sha256(rest).hexdigest()


def test_a_run_is_a_function_of_topology_input_and_seed(sparse: Sparse) -> None:
    def digest(*words: str, **env: str) -> str:
        found: str = sparse("simulate", "--json", "-t", "0.3", *words, **env).json["trace_sha256"]
        return found

    same = {
        digest(),
        digest(PYTHONHASHSEED="1"),
        digest(PYTHONHASHSEED="77"),
        digest("--in-process"),
        digest("--in-process", PYTHONHASHSEED="3"),
    }
    assert len(same) == 1
    assert digest("-o", "topology.max.spout.pending=3") not in same


def test_what_components_log_and_print_is_shown_with_their_name(
    sparse: Sparse, project: Path
) -> None:
    for words in ([], ["--in-process"]):
        done = sparse("simulate", "-t", "0.01", *words)
        lines = done.err.splitlines()
        assert lines.count("count-bolt[3] INFO ready") == 1
        assert lines.count("count-bolt[4] INFO a print") == 1
        assert "details" not in done.err
    logs = {path.name: path.read_text() for path in (project / "logs").iterdir()}
    assert sorted(re.sub(r"\d+\.log", "PID.log", name) for name in logs) == [
        "streamparse_words_count-bolt_3_PID.log",
        "streamparse_words_count-bolt_4_PID.log",
        "streamparse_words_word-spout_5_PID.log",
    ]
    assert any("streamparse.stdout - INFO - a print" in text for text in logs.values())


def test_debug_shows_debug_records_and_tells_the_components(sparse: Sparse) -> None:
    for words in (["-d"], ["-d", "--in-process"]):
        assert "count-bolt[3] DEBUG details" in sparse("simulate", "-t", "0.01", *words).err


def test_each_component_has_its_own_log_level_in_either_mode(sparse: Sparse) -> None:
    for words in ([], ["--in-process"]):
        own = sparse("simulate", "-t", "0.01", "--log-level", "count-bolt=debug", *words)
        assert "count-bolt[3] DEBUG details" in own.err
        other = sparse(
            "simulate", "-t", "0.01", "--log-level", "warning", "--log-level", "word-spout=debug", *words
        )  # fmt: skip
        assert "count-bolt[3]" not in other.err
        setting = sparse("simulate", "-t", "0.01", "-o", "streamparse.log.level=debug", *words)
        assert "count-bolt[3] DEBUG details" in setting.err
        quieter = sparse("simulate", "-d", "-t", "0.01", "--log-level", "count-bolt=error", *words)
        assert "count-bolt[3]" not in quieter.err


def test_values_are_cut_at_a_width(sparse: Sparse, project: Path) -> None:
    (project / "rows.jsonl").write_text(json.dumps(["x" * 100_000]))

    def value(*words: str) -> str:
        done = sparse("simulate", "--stub", "word-spout=rows.jsonl", *words)
        lines = done.out.splitlines()
        return lines[lines.index("count-bolt emitted last:") + 1]

    assert value() == f'    ["{"x" * 97}... (99908 more)'
    assert value("--width", "40") == f'    ["{"x" * 17}... (99988 more)'
    assert value("--width", "0") == f'    ["{"x" * 100_000}", 1]'


def test_a_quiet_run_prints_its_result_and_errors_only(sparse: Sparse, project: Path) -> None:
    for words in ([], ["--in-process"]):
        loud, quiet = (
            sparse("simulate", "-t", "0.01", "-o", "topology.worker=1", *more, *words)
            for more in ([], ["-q"])
        )
        assert (quiet.status, quiet.out, quiet.err) == (0, loud.out, "")
        assert "warning: " in loud.err
    _write(project, bolt="Breaks")
    assert sparse("simulate", "-q").err.startswith("error: count-bolt[4]: ended with exit status 1")


def test_a_verbose_run_tells_what_it_uses(sparse: Sparse, project: Path) -> None:
    done = sparse("simulate", "-t", "0.01", "--verbose", "-o", "topology.workers=1")
    told = [
        line
        for line in done.err.splitlines()
        if line.startswith(("topology", "Storm", "setting: topology.w"))
    ]
    assert told == [
        "topology file: topologies/words.clj",
        "Storm 2.8.3, by default",
        "setting: topology.workers = 1",
    ]
    assert f"components run as processes, in {project}/src, with {sys.executable}" in done.err
    both = sparse("simulate", "-q", "-v")
    assert (both.status, both.err.partition(";")[0]) == (
        2,
        "error: argument -v/--verbose: not allowed with argument -q/--quiet",
    )


def test_workers_ackers_and_options_decide_the_task_ids(sparse: Sparse) -> None:
    def tasks(*words: str) -> list[int]:
        found = sparse("simulate", "--json", "-t", "0.01", *words).json["components"]
        return [*found["count-bolt"]["tasks"], *found["word-spout"]["tasks"]]

    assert [
        tasks("-p", "1"),
        tasks("-p", "4"),
        tasks("-p", "4", "-a", "0"),
        tasks("-o", "topology.max.task.parallelism=1"),
        tasks("-o", "topology.acker.executors=3"),
    ] == [[2, 3, 4], [5, 6, 7], [1, 2, 3], [3, 4], [4, 5, 6]]


def test_a_dead_component_is_an_error_with_its_tuple_and_its_words(
    sparse: Sparse, project: Path
) -> None:
    _write(project, bolt="Breaks")
    for words in ([], ["--in-process"]):
        done = sparse("simulate", *words)
        assert done.status == 1
        assert (
            'error: count-bolt[4]: ended with exit status 1; it held tuple 1 ["dog"] from word-spout[5]'
            in done.err
        )
        assert done.err.count("ValueError: no good: dog") == 1
        assert 'in process\n        raise ValueError("no good: " + tup.values[0])' in done.err
        assert "a component failed" in done.out
    found = sparse("simulate", "--json").json
    assert (found["stopped"], found["errors"][0]["component"]) == ("error", "count-bolt")


def test_a_module_that_cannot_be_imported_is_told_once_and_with_the_users_frames_alone(
    sparse: Sparse, project: Path
) -> None:
    (project / "src/broken.py").write_text("import deep\nCounts = None\n")
    (project / "src/deep.py").write_text("def look():\n    raise OSError('no base')\nlook()\n")
    for words in ([], ["--in-process"]):
        done = sparse("simulate", "--stub", "count-bolt=broken.Counts", *words)
        assert done.err.partition("error: ")[2] == (
            "count-bolt[3, 4]: ended with exit status 1\n"
            "its last error:\n"
            "    Python OSError raised\n"
            "    Traceback (most recent call last):\n"
            f'      File "{project}/src/broken.py", line 1, in <module>\n'
            "        import deep\n"
            f'      File "{project}/src/deep.py", line 3, in <module>\n'
            "        look()\n"
            f'      File "{project}/src/deep.py", line 2, in look\n'
            "        raise OSError('no base')\n"
            "    OSError: no base\n"
        )


def test_a_module_that_asks_for_the_end_of_its_process_ends_its_component_alone(
    sparse: Sparse, project: Path
) -> None:
    (project / "src/broken.py").write_text("import sys\nsys.exit('no licence')\nCounts = None\n")
    for words in ([], ["--in-process"]):
        done = sparse("simulate", "--stub", "count-bolt=broken.Counts", *words)
        assert done.status == 1
        assert "error: count-bolt[3, 4]: " in done.err
        assert "SystemExit: no licence" in done.err


def test_a_component_that_hangs_shows_the_users_stack_once(sparse: Sparse, project: Path) -> None:
    (project / "src/words.py").write_text(
        WORDS.replace("raise ValueError(", "import time; time.sleep(60); print(")
    )
    _write(project, bolt="Breaks")
    done = sparse("simulate", "--patience", "1", "-w", "1")
    _, _, stack = done.err.partition("its stack, most recent call first:\n")
    line = WORDS[: WORDS.index("raise ValueError")].count("\n") + 1
    assert stack == f'      File "{project}/src/words.py", line {line} in process\n'
    assert done.err.count("words.py") == 1


def test_a_setting_that_is_nearly_one_of_storms_is_warned_of(sparse: Sparse) -> None:
    done = sparse("simulate", "-t", "0.01", "-o", "topology.max.spout.pendin=3", "-o", "my.own=1")
    assert [line for line in done.err.splitlines() if line.startswith("warning: ")] == [
        'warning: topologies/words.clj: option "topology.max.spout.pendin" is not a setting of Storm '
        '(did you mean "topology.max.spout.pending"?)'
    ]


@pytest.mark.parametrize("mode", [[], ["--in-process"]])
def test_storm_may_let_a_component_be_silent_for_as_long_as_it_likes(
    sparse: Sparse, mode: list[str]
) -> None:
    option = f"topology.subprocess.timeout.secs={10**9}"
    done = sparse("simulate", "-t", "0.01", "-o", option, *mode)
    assert (done.status, "Traceback" in done.err) == (0, False)


def test_an_option_that_loses_to_the_conf_of_a_component_is_warned_of(
    sparse: Sparse, project: Path
) -> None:
    path = project / "topologies/words.clj"
    path.write_text(path.read_text().replace(":p 2)", ':p 2 :conf {"my.own" 2 "same" 1})'))
    done = sparse("simulate", "-t", "0.01", "-o", "my.own=1", "-o", "same=1", "-o", "other=1")
    assert [line for line in done.err.splitlines() if line.startswith("warning: ")] == [
        'warning: topologies/words.clj:4:112: component "count-bolt": :conf "my.own" is 2, which wins over the option '
        '"my.own", 1 (Storm: a component\'s own setting wins); '
        ':conf {"my.own" (get options "my.own")} takes the option'
    ]


def test_what_is_not_strict_goes_on_where_its_storm_does(sparse: Sparse, project: Path) -> None:
    _write(project, bolt="Strays")
    strict, lenient = (
        sparse("simulate", "--json", "-t", "0.1", "--storm", "1.2.4", *flags)
        for flags in ((), ("--no-strict",))
    )
    assert (strict.status, strict.json["stopped"], lenient.status) == (1, "error", 0)


def test_a_crash_that_never_strikes_is_an_error_unless_it_is_allowed_to_miss(
    sparse: Sparse,
) -> None:
    words = ["simulate", "-t", "0.01", "--in-process", "--crash", "count-bolt@9999"]
    strict, lenient = sparse(*words), sparse(*words, "--allow-unstruck")
    line = r"crash before tuple 9999 of count-bolt never struck: \d+ tuples were seen\n"
    assert (strict.status, lenient.status) == (1, 0)
    assert re.search(f"^error: --crash: {line}", strict.err, re.MULTILINE)
    assert re.search(f"^warning: {line}", lenient.err, re.MULTILINE)


def test_a_spout_crashes_at_its_turn(sparse: Sparse) -> None:
    done = sparse("simulate", "--json", "--crash", "word-spout@3", "-t", "0.5")
    (restart,) = done.json["restarts"]
    assert "word-spout" in restart["tasks"]
    assert restart["because"].endswith("crashed as ordered, before next 3")


def test_a_crash_on_order_restarts_the_worker_and_the_run_goes_on(sparse: Sparse) -> None:
    done = sparse("simulate", "--json", "--crash", "count-bolt@3", "-t", "0.5")
    assert (done.status, done.json["stopped"]) == (0, "time")
    assert done.json["components"]["count-bolt"]["restarts"] == 1
    stopped = sparse("simulate", "--json", "--crash", "count-bolt@3", "--on-crash", "stop")
    assert (stopped.status, stopped.json["stopped"]) == (1, "error")


def test_rows_from_a_file_stand_in_for_a_spout(sparse: Sparse, project: Path) -> None:
    (project / "rows.jsonl").write_text('["dog"]\n\n{"word": "cat"}\n["dog"]\n')
    done = sparse("simulate", "--json", "--stub", "word-spout=rows.jsonl")
    assert (done.json["stopped"], done.json["components"]["word-spout"]["acked"]) == ("idle", 3)
    assert done.json["outputs"]["count-bolt"]["default"] == [["dog", 1], ["cat", 1], ["dog", 2]]


def test_a_file_without_rows_is_warned_of(sparse: Sparse, project: Path) -> None:
    (project / "rows.jsonl").write_text("\n")
    done = sparse("simulate", "--stub", "word-spout=rows.jsonl")
    warning = (
        "warning: --stub word-spout=rows.jsonl: the file has no rows, so word-spout emits nothing"
    )
    assert (done.status, [line for line in done.err.splitlines() if "rows" in line]) == (
        0,
        [warning],
    )


def test_another_class_stands_in_for_a_component(sparse: Sparse) -> None:
    done = sparse("simulate", "--json", "-t", "0.01", "--stub", "count-bolt=words.Forgets")
    assert done.json["components"]["count-bolt"]["acked"] == 0
    assert done.json["warnings"] == [
        "count-bolt acked none of its 10 tuples: Storm would time them out, and remember each until it is acked"
    ]


def test_rows_or_a_class_with_its_fields_stand_in_for_what_needs_a_jvm(
    sparse: Sparse, project: Path
) -> None:
    text = TOPOLOGY.format(spout="WordSpout", bolt="Counts").replace(
        'python-spout-spec options "words.WordSpout" ["word"]', "spout-spec (my.Spout.)"
    )
    (project / "topologies/words.clj").write_text(text)
    (project / "rows.jsonl").write_text('{"word": "dog"}\n["cat"]\n')
    rows = sparse("simulate", "--json", "--stub", "word-spout=rows.jsonl").json
    assert rows["outputs"]["count-bolt"]["default"] == [["dog", 1], ["cat", 1]]
    cls = sparse("simulate", "--json", "-t", "0.01", "--stub", "word-spout=words.WordSpout[word]")
    assert cls.json["components"]["count-bolt"]["executed"] == 10


def test_a_breakpoint_in_process_talks_on_stderr_and_reads_stdin(
    sparse: Sparse, project: Path
) -> None:
    source = WORDS.replace(
        "        word = tup.values[0]\n", "        breakpoint()\n        word = tup.values[0]\n"
    )
    (project / "src/words.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "streamparse.cli.sparse", "simulate", "--in-process", "--json"],
        cwd=project,
        input="p tup.values\nq\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "(Pdb) ['dog']" in done.stderr


def test_a_spout_that_waits_for_fails_it_cannot_get_is_warned_of(
    sparse: Sparse, project: Path
) -> None:
    _write(project, spout="CareSpout")
    (warning,) = sparse("simulate", "--json", "-t", "0.01").json["warnings"]
    assert warning.startswith("word-spout emits without message ids")


def test_real_time_is_held_to_the_clock_on_the_wall(sparse: Sparse) -> None:
    import time

    began = time.monotonic()
    done = sparse("simulate", "--json", "--real-time", "-t", "0.4")
    assert done.json["virtual_ms"] == 400
    assert time.monotonic() - began >= 0.4


def test_the_storm_version_is_that_of_project_clj(sparse: Sparse, project: Path) -> None:
    text = '(defproject x "1" :dependencies [[org.apache.storm/storm-core "0.9.5"]]) ; "2.8.3"'
    (project / "project.clj").write_text(text)
    assert sparse("simulate", "--json", "-t", "0.01").json["storm"] == "0.9.5"
    for spelling in ("--storm-version", "--storm"):
        done = sparse("simulate", "--json", "-t", "0.01", spelling, "1.2.4")
        assert done.json["storm"] == "1.2.4"


# -- mistakes: one line, exit status 2, nothing started

JVM = """(ns t (:use [backtype.storm.clojure]))
(defn t [options] [{"s" (spout-spec (my.Spout.))} {"b" (shell-bolt-spec {"s" :shuffle} ["true"] [])}])"""

MISTAKES: list[tuple[dict[str, str | None], list[str], str]] = [  # (files, words, what is said)
    ({"config.json": None}, [], "so it is no project; `sparse quickstart NAME` makes one"),
    ({"config.json": '{"envs": }'}, [], "config.json:1:10: no JSON: expecting value"),
    ({"config.json": "[]"}, [], "config.json: [] is no object; expected {...}"),
    ({"config.json": '{"topology_specs": 3}'}, [], "config.json: topology_specs is 3; expected a path"),
    ({"topologies/words.clj": None}, [], "no topology here; expected a file NAME.clj or NAME.py"),
    ({"topologies/more.clj": ""}, [], "there are more, words; say which with -n NAME"),
    ({}, ["-n", "word"], 'no topology "word"; did you mean "words"?'),
    ({"topologies/words.clj": "(defn words [options] [{} {}"}, [], "words.clj:1:"),
    ({"topologies/words.clj": "(defn words [options] (launch-missiles))"}, [], "words.clj:1:24: launch-missiles"),
    ({"topologies/words.clj": JVM}, [], "my.Spout needs a JVM, and there is none in a simulation; stub it: --stub s="),
    ({"topologies/words.clj": TOPOLOGY.format(spout="WordSpuot", bolt="Counts")}, [],
     'words.clj:3:45: component "word-spout": module words has no class WordSpuot; did you mean "words.WordSpout"?'),
    ({"topologies/words.clj": TOPOLOGY.format(spout="WordSpout", bolt="x.Y")}, [], "there is no module words.x"),
    ({"src/words.py": "class WordSpout(:"}, [], "src/words.py:1: 'class WordSpout(:': invalid"),
    ({"src/words.py": "print 'x'"}, [], "words.py:1: \"print 'x'\": this is Python 2 syntax; in Python 3: print("),
    ({"src/types.py": ""}, [], "src/types.py: hides the module types of the standard library"),
    ({"topologies/words.clj": None, "topologies/words.py": "class W(Topology): pass"}, [],
     "topologies/words.py: no topology in it; expected a class that derives from Topology, "
      "with word_spout = WordSpout.spec()"),
    ({"topologies/more.py": "class More(Topology): pass"}, ["-n", "more"],
     "topologies/more.py: no topology in it; expected a class"),
    ({"topologies/more.py": "class More(Topology): words = W.spec()"}, ["-n", "more"],
     "topologies/more.py:1: the name Topology is not defined"),
    ({"topologies/words.py": "class W(Topology): words = W.spec()"}, [],
     "topologies/words.clj and topologies/words.py: both are the topology words; keep one"),
    ({}, ["--cwd", "none"], "--cwd none: expected an existing directory"),
    ({}, ["-o", "topology.workers"], "-o topology.workers: no = in it; expected KEY=VALUE"),
    ({}, ["-o", "topology.message.timeout.secs=soon"], "topology.message.timeout.secs"),
    ({}, ["-t", "-1"], "--time -1: expected at least 0; 0 is for ever"),
    ({}, ["--width", "-1"], "--width -1: expected at least 0; 0 is without a limit"),
    ({}, ["--log-level", "loud"], "--log-level loud: expected LEVEL or ID=LEVEL with debug, info, warning, error, "
     "critical"),
    ({}, ["--log-level", "cuont-bolt=debug"],
     "--log-level cuont-bolt=debug: there is no component 'cuont-bolt' (did you mean \"count-bolt\"?)"),
    ({}, ["-w", "0"], "--workers 0: expected at least 1"),
    ({}, ["--crash", "count-bolt"], "--crash count-bolt: expected ID@N with N from 1"),
    ({}, ["--crash", "cuont-bolt@1"], "there is no component 'cuont-bolt' (did you mean \"count-bolt\"?)"),
    ({}, ["--crash", "count-bolt@0"], "--crash count-bolt@0: expected ID@N with N from 1"),
    ({"r.jsonl": '["a"]'}, ["--crash", "word-spout@1", "--stub", "word-spout=r.jsonl"],
     "--crash word-spout@1: 'word-spout' has no process that could die, its rows come from a stub"),
    ({}, ["--stub", "count-bolt=rows.jsonl"], "rows can be fed to a spout, and 'count-bolt' is a bolt; another class "
     "can run in its place: count-bolt=package.module.Class"),
    ({}, ["--stub", "word-spout"], "--stub word-spout: expected ID=rows.jsonl or ID=package.module.Class"),
    ({}, ["--stub", "wrod-spout=rows.jsonl"], "there is no spout 'wrod-spout' (did you mean"),
    ({}, ["--stub", "word-spout=rows.jsonl"], "error: --stub word-spout=rows.jsonl: No such file or directory"),
    ({"r.jsonl": '["a"]\n["a", "b"]'}, ["--stub", "word-spout=r.jsonl"], "expected 1 values: ['word']"),
    ({"r.jsonl": "dog"}, ["--stub", "word-spout=r.jsonl"], "error: r.jsonl:1:1: no JSON: expecting value; "
     "expected an array of values, or an object by field name\n"),
    ({"r.txt": '["a"]'}, ["--stub", "word-spout=r.txt"], "--stub word-spout=r.txt: expected rows in a .jsonl file"),
    ({}, ["--stub", "count-bolt=wrods.Counts"], "error: --stub count-bolt=wrods.Counts: there is no module wrods; did "
     'you mean "words"?\n'),
    ({}, ["--stub", "count-bolt=words.Conts"], "error: --stub count-bolt=words.Conts: module words has no class Conts"),
    ({}, ["--stub", "x=words.Counts"], 'has no component "x"'),
    ({}, ["--trace", "no/such/dir.jsonl"], "--trace no/such/dir.jsonl: No such file or directory"),
    ({"r.jsonl": '["a"]'}, ["--stub", "word-spout=r.jsonl", "--trace", "./r.jsonl"],
     "--stub with r.jsonl and --trace ./r.jsonl: the same file; expected two"),
    ({}, ["--trace", "out", "--html", "out"], "--trace out and --html out: the same file; expected two"),
    ({}, ["--work", "count-bolt=1ms", "--save-work", "out", "--trace", "out"],
     "--save-work out and --trace out: the same file; expected two"),
    ({}, ["--trace", "src/words.py"], "--trace src/words.py: the file exists and is no trace; expected another name"),
    ({}, ["--storm", "1.3.0"], "--storm-version: Storm version '1.3.0': not one that can be simulated"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("2.8.3", None),
        ("2.8.5", "Storm 2.8.5: its rules were read from source, not compared; none differs from 2.8.3's"),
        ("2.9.0", "Storm 2.9.0 is not known here; it is treated like 2.8.8, the newest Storm 2 that is"),
        ("3.0.0", "Storm 3.0.0: its rules were read from source (3.0.0-SNAPSHOT, apache/storm 73da988d9), not "
         "compared"),
    ],
)  # fmt: skip
def test_of_a_storm_that_was_not_compared_one_line_says_what_it_is_taken_for(
    sparse: Sparse, project: Path, version: str, line: str | None
) -> None:
    (project / "project.clj").unlink(missing_ok=True)
    done = sparse("simulate", "--time", "1", "--storm", version)
    told = [each for each in done.err.splitlines() if "Storm" in each]
    expected = [] if line is None else [f"warning: topologies/words.clj: {line}"]
    assert (done.status, told, f"like Storm {version}," in done.out) == (0, expected, True)


@pytest.mark.parametrize(("files", "words", "said"), MISTAKES)
def test_a_mistake_is_one_clear_line(
    sparse: Sparse, project: Path, files: dict[str, str | None], words: list[str], said: str
) -> None:
    for name, text in files.items():
        if text is None:
            (project / name).unlink()
        else:
            (project / name).write_text(text)
    done = sparse("simulate", *words)
    assert said in done.err
    assert (done.status, done.out) == (2, "")
    assert all(line.startswith(("error: ", "warning: ")) for line in done.err.splitlines())


@pytest.mark.parametrize("name", ["words/x.Counts", "words:Counts", "src.words.Counts", "Counts"])
def test_a_class_that_is_written_in_another_way_is_told_once(
    sparse: Sparse, project: Path, name: str
) -> None:
    topology = TOPOLOGY.format(spout="WordSpout", bolt="Counts").replace("words.Counts", name)
    (project / "topologies" / "words.clj").write_text(topology)
    done = sparse("simulate")
    (line,) = done.err.splitlines()
    place = 'error: topologies/words.clj:4:68: component "count-bolt": '
    found = line.partition("; ")[0]
    assert (done.status, found) == (2, f"{place}{name!r} names no class")


# -- the end of a run, however it comes


def _pids(line: str) -> list[int]:
    return [int(word) for word in line.split()[-2:]]


def _is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)]
)
def test_however_a_run_ends_no_process_is_left(
    project: Path, number: signal.Signals, status: int
) -> None:
    _write(project, bolt="Stays")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamparse.cli.sparse", "simulate", "-t", "0", "--real-time"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    pids: list[int] = []
    while len(pids) < 4:
        line = process.stderr.readline()
        if "pids" in line:
            pids += _pids(line)
    assert all(map(_is_running, pids))
    # The fork server's end of this pipe is what is waited for when the simulator itself is killed.
    process.send_signal(number)
    out, err = process.communicate()
    assert process.returncode == status
    if number is not signal.SIGKILL:
        assert "interrupted" in out
    _wait_until_gone(pids)
    assert "Traceback" not in err


DEBUGS = (
    WORDS
    + """
class Debugs(Counts):
    def process(self, tup):
        breakpoint()

class Traces(Counts):
    def process(self, tup):
        import pdb
        pdb.set_trace()
"""
)
IN_PROCESS = (
    "run components in process (sparse simulate --in-process, pytest --storm-mode=inprocess)"
)


@pytest.fixture
def without_remote_pdb(project: Path) -> Path:
    (project / "src/words.py").write_text(DEBUGS)
    (project / "src/remote_pdb.py").write_text("raise ImportError\n")
    return project / "src/words.py"


def test_a_breakpoint_without_remote_pdb_is_passed_over_and_told_once_by_each_process(
    project: Path, sparse: Sparse, without_remote_pdb: Path
) -> None:
    _write(project, bolt="Debugs")
    line = DEBUGS.splitlines().index("        breakpoint()") + 1
    done = sparse("simulate", "-t", "0.05")
    said = [each for each in done.err.splitlines() if "WARN" in each]
    assert (done.status, sorted(said)) == (0, [
        f"count-bolt[{task}] WARN {without_remote_pdb}:{line}: breakpoint() is passed over; in a component process it "
        f"needs remote_pdb: pip install remote-pdb, or {IN_PROCESS}"
        for task in (3, 4)
    ])  # fmt: skip


def test_pdb_in_a_component_process_ends_it_and_says_what_to_use(
    project: Path, sparse: Sparse, without_remote_pdb: Path
) -> None:
    _write(project, bolt="Traces")
    done = sparse("simulate", "-t", "0.05")
    hint = (
        "bdb.BdbQuit: pdb has no terminal in a component process; use breakpoint() with remote_pdb "
        f"(pip install remote-pdb), or {IN_PROCESS}"
    )
    assert (done.status, done.err.count(hint)) == (1, 1)


LEAKS = """
from streamparse import Bolt, Spout

class Once(Spout):
    def initialize(self, storm_conf, context):
        self.rows = [["dog"]]

    def next_tuple(self):
        if self.rows:
            self.emit(self.rows.pop(), tup_id=1)

class Leaks(Bolt):
    auto_ack = False

    def process(self, tup):
        pass

    def process_tick(self, tup):
        pass
"""


@pytest.mark.parametrize("mode", [(), ("--in-process",)])
def test_a_run_without_a_limit_says_what_keeps_it_going(
    project: Path, mode: tuple[str, ...]
) -> None:
    (project / "src/words.py").write_text(LEAKS)
    _write(project, spout="Once", bolt="Leaks")
    words = ["simulate", "-t", "0", "-o", "topology.tick.tuple.freq.secs=1", *mode]
    with subprocess.Popen(
        [sys.executable, "-m", "streamparse.cli.sparse", *words],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    assert said == (
        "warning: still running after 121 virtual seconds: count-bolt holds a tuple that it has neither acked nor "
        "failed for more than 120 s, and is ticked every 1 s; --time SECS limits a run, and Ctrl-C ends it with its "
        "table\n"
    )
    assert (process.returncode, "interrupted" in out) == (130, True)


def _wait_until_gone(pids: list[int]) -> None:
    """Wait for processes that are no children of ours; the kernel tells through a descriptor of each."""
    import select

    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        select.select([fd], [], [])
        os.close(fd)


# -- work takes time


def test_a_sleep_on_the_virtual_clock_is_work_with_a_verdict_and_advice(
    sparse: Sparse, project: Path
) -> None:
    (project / "src/slow.py").write_text(
        "import time\nfrom streamparse import Bolt\n"
        "class B(Bolt):\n    def process(self, tup): time.sleep(3)\n"
    )
    words = ["--in-process", "--virtual-time", "--stub", "count-bolt=slow.B", "--json", "-t", "9"]
    words += ["-o", "topology.max.spout.pending=1", "-o", "topology.message.timeout.secs=2"]
    done = sparse("simulate", *words, "--advise")
    found = json.loads(done.out)
    changes = [each["change"] for each in found["advice"]]
    assert (found["load"]["verdict"], found["load"]["bottleneck"]) == ("late", "count-bolt")
    assert changes[:2] == ["as it is", "-o topology.message.timeout.secs=4"]
    assert found["components"]["count-bolt"]["load"]["service_ms"] == 3000
    assert done.err.startswith(
        "--advise: simulates the topology with each change that could help\n"
    )


@pytest.mark.parametrize("mode", [[], ["--in-process"]])
def test_a_spout_may_wait_for_the_virtual_clock(
    sparse: Sparse, project: Path, mode: list[str]
) -> None:
    (project / "src/paced.py").write_text(
        "import time\nfrom streamparse import Spout\n"
        "class S(Spout):\n    due = 0\n    def next_tuple(self):\n"
        "        if time.time() >= self.due:\n"
        "            self.due = time.time() + 2\n            self.emit(['dog'], tup_id=self.due)\n"
    )
    words = ["--virtual-time", "--stub", "word-spout=paced.S", "--json", *mode]
    found = json.loads(sparse("simulate", *words, "-t", "9").out)
    assert (found["stopped"], found["components"]["word-spout"]["acked"]) == ("time", 5)
    # Without a limit it would go on for ever; and rows that a stub has do not wait for the clock.
    assert json.loads(sparse("simulate", *words, "-t", "0").out)["stopped"] == "idle"
    (project / "rows.jsonl").write_text('["dog"]\n')
    words[2] = "word-spout=rows.jsonl"
    assert json.loads(sparse("simulate", *words, "-t", "9").out)["stopped"] == "idle"


def test_components_in_process_have_one_hash_seed_in_every_command_that_simulates(
    sparse: Sparse, project: Path
) -> None:
    (project / "src/seeds.py").write_text(
        "import os\nfrom streamparse import Bolt\n"
        "class B(Bolt):\n    def initialize(self, *_):\n"
        "        open('seed', 'w').write(os.environ.get('PYTHONHASHSEED', ''))\n"
    )
    words = ["--in-process", "--stub", "count-bolt=seeds.B"]
    found = []
    for command in (
        ["simulate", "-t", "0.01"],
        ["capacity", "--work", "count-bolt=1s", "--tasks", "1"],
    ):
        sparse(*command, *words, PYTHONHASHSEED="7")
        found.append((project / "src/seed").read_text())
        (project / "src/seed").unlink()
    assert found == ["0", "0"]


# -- the examples


@pytest.mark.slow
@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir()))
def test_an_example_prints_what_it_says_it_prints(
    example: str, sparse: Sparse, request: pytest.FixtureRequest
) -> None:
    done = sparse("simulate", cwd=EXAMPLES / example)
    assert (done.out, done.status) == ((EXAMPLES / example / "expected").read_text(), 0), done.err


def test_without_sources_nothing_is_simulated(sparse: Sparse, project: Path) -> None:
    (project / "src").rename(project / "source")
    for words in ([], ["--in-process"]):
        done = sparse("simulate", *words)
        assert (done.status, done.err) == (
            2,
            f"error: {project}/src: no such directory; expected the sources of the components here\n",
        )


def test_components_run_in_their_sources_or_where_cwd_says(sparse: Sparse, project: Path) -> None:
    (project / "src/where.py").write_text(
        "import os\nfrom streamparse import Bolt\n"
        "class B(Bolt):\n    def process(self, tup): self.log(os.getcwd())\n"
    )
    words = ["-t", "0.01", "--stub", "count-bolt=where.B"]
    for mode in ([], ["--in-process"]):
        assert f"INFO {project}/src\n" in sparse("simulate", *words, *mode).err
        assert f"INFO {project}\n" in sparse("simulate", *words, *mode, "--cwd", ".").err

"""A topology in a LocalCluster, where the JVM is a script that prints what Storm prints.

What real Storms do is in tests/real/test_run.py.
"""

from __future__ import annotations

import pytest

from streamparse.jvm import Line, LocalStorm, run_storm_topology, run_topology
from streamparse.project import OperationError
from tests.support.lein_project import LeinProject

PRINTED = (
    "1234 [main] INFO o.a.s.d.Nimbus - ready",
    "step: starting words",
    "step: running words",
    "9999 [Thread-7] INFO o.a.s.s.ShellSpout - ShellLog pid:7, name:word-spout step: stopping words",
    "9999 [Thread-7] WARN o.a.s.t.ShellBolt - ShellLog pid:8, name:count-bolt two words",
)


def run(lein_project: LeinProject) -> list[Line]:
    """The lines of a run."""
    lines: list[Line] = []
    project = lein_project.project
    run_topology(
        project,
        lein_project.jvm,
        project.directory / "topologies/words.clj",
        {"topology.workers": 1},
        storm_version="2.8.3",
        seconds=1,
        on_line=lines.append,
    )
    return lines


def test_a_line_is_storms_own_or_a_step_or_a_components(lein_project: LeinProject) -> None:
    lein_project.java_prints(*PRINTED)
    assert run(lein_project) == [
        Line(None, PRINTED[0]),
        Line(None, PRINTED[1], "starting"),
        Line(None, PRINTED[2], "running"),
        Line("word-spout", "step: stopping words"),
        Line("count-bolt", "two words"),
    ]


def test_an_error_before_it_was_stopped_is_raised(lein_project: LeinProject) -> None:
    lein_project.java_prints(*PRINTED, errors=("error: words.clj:3: no such form",), status=1)
    with pytest.raises(OperationError, match=r"^words.clj:3: no such form$"):
        run(lein_project)


def test_an_error_while_it_was_being_stopped_is_none(lein_project: LeinProject) -> None:
    lein_project.java_prints(*PRINTED, "step: stopping words", "java.lang.Exception", status=1)
    assert run(lein_project)[-2].step == "stopping"


def test_a_component_that_died_is_named_with_the_traceback_in_its_log(
    lein_project: LeinProject,
) -> None:
    logs = lein_project.project.logs_dir
    logs.mkdir()
    old = "Traceback (most recent call last):\nOSError: long ago\n"
    log = logs / "streamparse_words_count-bolt_4_99.log"
    log.write_text(old)
    new = (
        "Traceback (most recent call last):\n"
        '  File "/tmp/x/stormdist/words-1/resources/words.py", line 3, in process\n'
        "ValueError: no good\n"
    )
    script = lein_project.tools / "java"
    script.write_text(f"#!/bin/sh\n/bin/cat >> {log} <<'END'\n{new}END\nexit 1\n")
    with pytest.raises(OperationError) as caught:
        run(lein_project)
    assert (caught.value.line, caught.value.output.splitlines()) == (
        f"count-bolt died, and the topology with it; its log is {log}",
        [
            "Traceback (most recent call last):",
            '  File "src/words.py", line 3, in process',
            "ValueError: no good",
        ],
    )


def test_without_a_cause_the_telling_lines_of_storm_are_shown(lein_project: LeinProject) -> None:
    lein_project.java_prints("noise", "1 [main] ERROR o.a.s.u.Utils - Halting process", status=3)
    with pytest.raises(OperationError) as caught:
        run(lein_project)
    assert (caught.value.line, caught.value.output) == (
        f"Storm ended with status 3; {lein_project.project.logs_dir}/storm.log has the whole log",
        "1 [main] ERROR o.a.s.u.Utils - Halting process",
    )


# -- without Leiningen -------------------------------------------------------------------------------------------


def run_made(lein_project: LeinProject) -> list[Line]:
    lines: list[Line] = []
    run_storm_topology(
        lein_project.project,
        LocalStorm("2.8.3", lein_project.jvm.java, "/storm/a.jar:/storm/b.jar"),
        "words",
        b"the topology",
        {"my.secret": "x"},
        seconds=7,
        on_line=lines.append,
    )
    return lines


def test_a_topology_that_is_made_is_handed_to_the_jdk_s_launcher_in_files(
    lein_project: LeinProject,
) -> None:
    script = lein_project.tools / "java"
    script.write_text(
        '#!/bin/sh\necho "$@"\nwhile [ $# -gt 4 ]; do shift; done\n'
        'echo "$1 $4"; /bin/cat "$2"; echo; /bin/cat "$3"; echo\necho "step: stopping words"\n'
    )
    argv, *rest = [line.text for line in run_made(lein_project)]
    words = argv.split()
    at = words.index("-cp")
    assert words[:2] == ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    assert words[at + 1].endswith(":/storm/a.jar:/storm/b.jar")
    assert words[at + 2].endswith("/streamparse/RunTopology.java")
    assert "x" not in words
    assert rest == ["words 7", "the topology", '{"my.secret": "x"}', "step: stopping words"]


def test_a_java_without_a_compiler_is_named(lein_project: LeinProject) -> None:
    lein_project.java_prints(
        "Error occurred during initialization of boot layer",
        "java.lang.module.FindException: Module jdk.compiler not found",
        status=1,
    )
    with pytest.raises(OperationError, match=r"^this Java has no compiler; expected a JDK, "):
        run_made(lein_project)

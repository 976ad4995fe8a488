"""A real Storm on this machine: ZooKeeper, Nimbus, a supervisor and, where the line has it, the UI.

Each cluster has a directory and a block of ports for itself, so that several run side by side. The daemons are the JVMs
that ``bin/storm`` would start, started without it, with small heaps and settings that make them quick. One that dies
is started again: Storm's daemons halt at what they did not expect, and count on somebody who does that. They answer on
loopback addresses, and those of Storm, which knows no other way, on the machine's others as well.

    with StormCluster("2.8.3", directory) as cluster:
        host, port = cluster.nimbus

``python -m tests.support.storm_cluster 2.8.3`` does the same for somebody who wants to look around.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

sys.path.append(
    str(Path(__file__).parents[1])
)  # python -m tests.support.storm_cluster starts above it

from tests.support import storm_lines
from tests.support.lifetime import END_WITH_STARTER
from tests.support.ports import claim_ports
from tests.support.waiting import HANG_SECS, until

__all__ = ["Process", "StormCluster"]

LOOPBACK = "127.0.0.1"
ANSWER_SECS = 60.0  # for one answer; then whoever waits for a daemon asks again
STOP_SECS = 15.0  # Nimbus takes a second or two; whoever has not gone by then is killed
HEAP_MB: Mapping[str, int] = {"zookeeper": 128, "nimbus": 256, "supervisor": 192, "ui": 192}
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # quick to start, and small

# On a busy machine a worker takes long to start, and a heartbeat comes late: nobody is given up for that. A worker that
# has died is seen by its supervisor, which has Storm's own limit.
PATIENCE: Mapping[str, object] = {
    "nimbus.supervisor.timeout.secs": int(HANG_SECS),
    "nimbus.task.launch.secs": int(HANG_SECS),
    "nimbus.task.timeout.secs": int(HANG_SECS),
    "supervisor.worker.start.timeout.secs": int(HANG_SECS),
}

NO_UI = "its UI is in storm-webapp, which Maven Central does not have"

Address = tuple[str, int]


class StormCluster:
    """A cluster while the ``with`` block runs; it is whole when the block starts, and gone when it ends.

    Attributes:
        version: Storm's.
        directory: everything of this cluster: ``storm.yaml`` in ``conf/``, what Storm keeps in ``local/``.
        nimbus: host and port of its thrift API.
        ui: host and port of the UI, None without one.
        logs: where daemons and workers log; workers do in directories below, from 1.0 on.
    """

    def __init__(
        self,
        version: str,
        directory: str | Path,
        *,
        ui: bool = False,
        slots: int = 2,
        worker_path: str | None = None,
        worker_env: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Take ports; ``with``, or ``start``, does the rest, and ``stop`` gives them back.

        Args:
            ui: start the UI, too.
            slots: how many workers there may be, up to 11.
            worker_path: PATH of workers, and so of Python components; by default this process'.
            worker_env: more of their environment, which has only HOME, LANG and JAVA_HOME beside, as a service's has.
            settings: more of ``storm.yaml``.
        """
        self.version = version
        self._line = storm_lines.line(version)
        if ui and "ui" not in self._line.main:
            raise ValueError(f"Storm {version}: {NO_UI}; leave ui out")
        self._java = _java()
        self._environment = {
            "HOME": str(Path.home()),
            "JAVA_HOME": str(self._java.parent.parent),
            "LANG": "C.UTF-8",
            "PATH": worker_path or os.environ.get("PATH", os.defpath),
            **(worker_env or {}),
        }
        self.directory = Path(directory).resolve()
        self.logs = self.directory / "logs"
        self._claim, ports = claim_ports()
        self._ports = dict(zip(_PORTS, ports, strict=False))
        self._slots = ports[len(_PORTS) :][:slots]
        self._settings = settings or {}
        self._daemons: dict[str, Daemon] = {}
        self.nimbus: Address = (LOOPBACK, self._ports["nimbus.thrift.port"])
        self.ui: Address | None = (LOOPBACK, self._ports["ui.port"]) if ui else None

    def __enter__(self) -> StormCluster:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and wait until Nimbus answers and knows the supervisor.

        Raises:
            RuntimeError: a daemon died or did not answer in time, with the last that it had to say.
        """
        try:
            self._start_zookeeper()
            # All at once from here: each waits for the one it needs.
            for name in ("nimbus", "supervisor", *(["ui"] if self.ui else [])):
                self._launch(name)
            self.settle()
        except BaseException:
            self.stop()
            raise

    def start_secured_nimbus(self, port: int | None = None) -> None:
        """Start ZooKeeper and a Nimbus that may not answer us, and wait until it takes connections.

        Args:
            port: that it takes them at; by default that of its plain Thrift.

        Raises:
            RuntimeError: as ``start``.
        """
        address = (LOOPBACK, port or self.nimbus[1])
        try:
            self._start_zookeeper()
            self._launch("nimbus")
            self._daemons["nimbus"].wait_for(lambda: _accepts(address))
        except BaseException:
            self.stop()
            raise

    def _start_zookeeper(self) -> None:
        self._install()
        address = (LOOPBACK, self._ports["storm.zookeeper.port"])
        self._launch("zookeeper", str(self.directory / "conf" / "zoo.cfg"))
        self._daemons["zookeeper"].wait_for(lambda: _accepts(address))

    def settle(self) -> None:
        """Wait until Nimbus answers and knows the supervisor, and the UI answers, where there is one.

        Raises:
            RuntimeError: as ``start``.
        """
        self._daemons["nimbus"].wait_for(self._leads)
        self._daemons["supervisor"].wait_for(lambda: _supervisors(self.nimbus) == 1)
        if ui := self.ui:
            self._daemons["ui"].wait_for(lambda: _serves(ui))

    def stop(self) -> None:
        """Stop what runs, the last to be needed last: Nimbus hangs when ZooKeeper goes first."""
        for name in ("ui", "supervisor", "nimbus", "zookeeper"):
            if name in self._daemons:
                self._daemons.pop(name).stop()
        self._claim.close()

    def stop_nimbus(self) -> None:
        """Take Nimbus away; topologies go on without it."""
        self._daemons.pop("nimbus").stop()

    def start_nimbus(self) -> None:
        """Bring Nimbus back at the same address; wait until it answers and knows the supervisor."""
        self._launch("nimbus")
        self.settle()

    def supervisors(self) -> int:
        """How many supervisors Nimbus knows."""
        return _supervisors(self.nimbus)

    def processes(self) -> list[Process]:
        """All that runs: the daemons, and whatever they started."""
        return [each for daemon in self._daemons.values() for each in daemon.processes()]

    def workers(self) -> list[int]:
        """The process ids of the workers' JVMs."""
        return [each.pid for each in self.processes() if _is_worker(each.command)]

    def components(self, word: str = "") -> list[Process]:
        """The components that workers run, with a word such as ``words.WordSpout`` in their command lines."""
        processes = self.processes()
        workers = {each.pid for each in processes if _is_worker(each.command)}
        return [
            each for each in processes if each.parent in workers and word in " ".join(each.command)
        ]

    def wait_until_idle(self) -> None:
        """Wait until no worker runs, after a topology has been killed."""
        until(self.workers, lambda found: not found)

    def kill_workers(self) -> None:
        """Kill the workers at once, as a machine that fails would; Storm starts others.

        0.9 and 0.10 see it by ``supervisor.worker.timeout.secs``, 30; later lines at once.
        """
        _end(self.workers(), signal.SIGKILL, HANG_SECS)

    def environment_config(self) -> dict[str, object]:
        """The section of ``config.json`` that names this cluster; its one worker machine is this."""
        section = {
            "nimbus": _shown(self.nimbus),
            "workers": [LOOPBACK],
            "log": {"path": str(self.logs)},
            "use_ssh_for_nimbus": False,
            "use_virtualenv": False,
        }
        return section | ({"ui.port": self.ui[1]} if self.ui else {})

    # -- How it is done ------------------------------------------------------------------------------------------

    def _leads(self) -> bool:
        """Whether Nimbus takes topologies: from 1.0 on, when it is elected."""
        elected = "nimbus.seeds" in self._line.yaml
        return _asked(self.nimbus, "getLeader" if elected else "getClusterInfo") is not None

    def _install(self) -> None:
        """Write a STORM_HOME: jars, settings, and what the daemons look for without saying so."""
        home = self.directory
        for name in ("conf", "extlib", "extlib-daemon", "local", "log4j2", "logback", "logs"):
            (home / name).mkdir(parents=True, exist_ok=True)
        for name, jars in storm_lines.home_jars(self.version).items():
            _link(jars, home / name)
        texts = {
            "RELEASE": f"{self.version}\n",  # where Storm reads its version
            "conf/storm.yaml": json.dumps(self._yaml(), indent=2),  # JSON is YAML, too
            "conf/zoo.cfg": self._zoo_cfg(),
            **_logging(self.version),
        }
        for name, text in texts.items():
            (home / name).write_text(text, encoding="utf-8")

    def _yaml(self) -> dict[str, object]:
        return {
            **self._ports,
            **self._line.yaml,
            "storm.zookeeper.servers": [LOOPBACK],
            "storm.local.dir": str(self.directory / "local"),
            "storm.local.hostname": LOOPBACK,
            "supervisor.slots.ports": self._slots,
            "nimbus.monitor.freq.secs": 2,
            "supervisor.monitor.frequency.secs": 1,
            "supervisor.heartbeat.frequency.secs": 2,
            **PATIENCE,
            "worker.childopts": " ".join(["-Xmx256m", *JVM, *self._hosts()]),
            "topology.worker.logwriter.childopts": " ".join(["-Xmx32m", *JVM]),
            **self._settings,
        }

    def _zoo_cfg(self) -> str:
        settings = {
            "admin.enableServer": "false",  # or port 8080 is taken from 3.5 on
            "clientPort": self._ports["storm.zookeeper.port"],
            "clientPortAddress": LOOPBACK,
            "dataDir": self.directory / "zookeeper",
            "maxClientCnxns": 0,  # no bound: all come from one address
            "tickTime": 2000,
        }
        return "".join(f"{key}={value}\n" for key, value in settings.items())

    def _hosts(self) -> list[str]:
        return [storm_lines.hosts_option()] if self._line.hosts_file else []

    def _launch(self, name: str, *arguments: str) -> None:
        home = self.directory
        properties = {
            "daemon.name": name,
            "log4j.configurationFile": home / "log4j2" / "daemon.xml",
            "logback.configurationFile": home / "logback" / "daemon.xml",
            "logfile.name": f"{name}.log",
            "storm.home": home,
            "storm.log.dir": self.logs,
            "zookeeper.forceSync": "no",  # it need not outlive the machine, whose disk may be slow
            "zookeeper.jmx.log4j.disable": "true",  # 0.9.4's ZooKeeper asks for a log4j that Storm leaves out
        }
        command = [
            str(self._java),
            "-server",
            f"-Xmx{HEAP_MB[name]}m",
            *JVM,
            *self._hosts(),
            *(f"-D{key}={value}" for key, value in properties.items()),
            "-cp",
            os.pathsep.join([f"{home / 'lib'}/*", str(home / "conf")]),
            self._line.main[name],
            *arguments,
        ]
        log = self.logs / f"{name}.log"
        self._daemons[name] = Daemon(name, command, home, self._environment, log)


@dataclass(frozen=True)
class Process:
    """A process that runs, as ``/proc`` shows it."""

    pid: int
    parent: int
    command: tuple[str, ...]


# Until there is the file that $0 names, the end of the program is the end; then it is started again.
_AGAIN = f"""{END_WITH_STARTER}\
"$@"; status=$?; while [ -e "$0" ]; do "$@"; done; kill -KILL $!; exit $status"""


class Daemon:
    """A program in a session of its own, whose output goes to a file, and which is started again when it dies."""

    def __init__(
        self, name: str, command: Sequence[str], home: Path, env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._log = log
        self._is_up = home / f"{name}.up"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _AGAIN, str(self._is_up), *command],
                cwd=home,  # old lines look for their STORM_HOME's directories here
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to hear, and what it starts is found by the session
            )

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Return as soon as it is ready; one that dies before or that hangs is an error, with its last lines."""
        deadline = time.monotonic() + HANG_SECS
        while not ready():
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"{self.name} was not ready after {HANG_SECS:g} s:\n{self._last_lines()}"
                )
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self._process.wait(0.1)  # a death is heard at once
                raise RuntimeError(f"{self.name} ended with status {status}:\n{self._last_lines()}")
        self._is_up.touch()

    def processes(self) -> list[Process]:
        """Itself and all that it started, and what those did."""
        return _session(self._process.pid)

    def stop(self) -> None:
        """Ask it to end, then whoever it left behind, and kill who does not: nobody is left when this returns."""
        self._is_up.unlink(missing_ok=True)
        leader = self._process.pid
        first = [leader, *(each.pid for each in self.processes() if each.parent == leader)]
        if self._process.poll() is None:
            _end(first, signal.SIGTERM, STOP_SECS)
        for number, secs in ((signal.SIGTERM, STOP_SECS), (signal.SIGKILL, HANG_SECS)):
            _end([each.pid for each in self.processes()], number, secs)
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _last_lines(self, number: int = 30) -> str:
        return "\n".join(
            self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-number:]
        )


# -- Processes: Linux's /proc and process descriptors ------------------------------------------------------------


def _session(leader: int) -> list[Process]:
    """All that runs in the session which this process began."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            with contextlib.suppress(OSError):  # one that ends while we look
                # proc(5): pid (name) state ppid pgrp session ...; a name may hold brackets and spaces
                state, parent, _, session = (
                    (directory / "stat").read_text(errors="replace").rpartition(")")[2].split()[:4]
                )
                command = (directory / "cmdline").read_text(errors="replace").split("\0")[:-1]
                if int(session) == leader and state not in "ZX":
                    found.append(Process(int(directory.name), int(parent), tuple(command)))
    return found


def _is_worker(command: Sequence[str]) -> bool:
    """Whether this is a worker; Storm's LogWriter, which starts it, has the worker's command line after its own."""
    words = [word.rpartition(".daemon.")[2] or word for word in command]
    is_log_writer = any(word.endswith(".LogWriter") for word in words)
    return not is_log_writer and ("worker" in words or "worker.Worker" in words)


def _java() -> Path:
    found = shutil.which("java")
    if found is None:
        raise RuntimeError(f"{storm_lines.missing('java')}; a JDK, 8 or newer, would do")
    return Path(found).resolve()


def _end(pids: Sequence[int], number: signal.Signals, secs: float) -> None:
    """Send them a signal and wait until all have ended, or for so long."""
    deadline = time.monotonic() + secs
    with contextlib.ExitStack() as descriptors:
        ending = []
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # which ended by itself
                ending.append(os.pidfd_open(pid))
                descriptors.callback(os.close, ending[-1])
                signal.pidfd_send_signal(ending[-1], number)
        for descriptor in ending:
            select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))


# -- Ports -------------------------------------------------------------------------------------------------------

_PORTS = (
    "storm.zookeeper.port",
    "nimbus.thrift.port",
    "supervisor.thrift.port",
    "drpc.port",
    "drpc.invocations.port",
    "drpc.http.port",
    "ui.port",
    "logviewer.port",
)


# -- Whether they answer -----------------------------------------------------------------------------------------


def _accepts(address: Address) -> bool:
    try:
        socket.create_connection(address, ANSWER_SECS).close()
    except OSError:
        return False
    return True


def _serves(address: Address) -> bool:
    connection = http.client.HTTPConnection(
        *address, timeout=ANSWER_SECS
    )  # which no proxy comes between
    try:
        connection.request("GET", "/api/v1/cluster/summary")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _supervisors(nimbus: Address) -> int:
    """How many supervisors Nimbus knows: the length of the first field of its ClusterSummary."""
    summary = _asked(nimbus, "getClusterInfo")
    if summary is None:
        return 0
    kind, field, of, length = struct.unpack(">bhbi", summary[:8])
    assert (kind, field, of) == (15, 1, 12), "a list of structs is the first field on every line"
    return int(length)


def _asked(nimbus: Address, method: str) -> bytes | None:
    """What a method without arguments returns, in Thrift's framed binary protocol; None while there is no answer."""
    name = method.encode()
    # A strict call (version 1, type 1), its name, its number, and an empty struct of arguments
    call = struct.pack(">II", 0x80010001, len(name)) + name + struct.pack(">ib", 0, 0)
    try:
        with (
            socket.create_connection(nimbus, ANSWER_SECS) as connection,
            connection.makefile("rwb") as file,
        ):
            file.write(struct.pack(">I", len(call)) + call)
            file.flush()
            (length,) = struct.unpack(">I", file.read(4))
            answer = file.read(length)
    except (OSError, struct.error):  # nobody there yet, or gone before all was said
        return None
    # A reply has type 2, and a result the field 0; anything else is an exception.
    reply = answer.startswith(struct.pack(">I", 0x80010002))
    result = answer[12 + len(name) :]
    return result[3:] if reply and result[:3] == b"\x0c\0\0" else None


# -- Files -------------------------------------------------------------------------------------------------------


def _link(jars: Sequence[Path], directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    for jar in jars:
        link = directory / jar.name
        link.unlink(missing_ok=True)
        link.symlink_to(jar)


# Daemons write to their output, which Daemon keeps; workers to the files that Storm names for them. What a worker
# prints reaches these loggers through Storm's LogWriter.
_LAYOUT = '<PatternLayout pattern="%d{yyyy-MM-dd HH:mm:ss.SSS} %c{1.} [%p] %msg%n"/>'
_LOG4J2_DAEMON = f"""\
<Configuration>
  <Appenders><Console name="A">{_LAYOUT}</Console></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="A"/></Root></Loggers>
</Configuration>
"""


def _log4j2_worker(path: str) -> str:
    return f"""\
<Configuration>
  <Appenders>
    <File name="A" fileName="{path}">{_LAYOUT}</File>
    <File name="OUT" fileName="{path}.out">{_LAYOUT}</File>
    <File name="ERR" fileName="{path}.err">{_LAYOUT}</File>
  </Appenders>
  <Loggers>
    <Root level="info"><AppenderRef ref="A"/></Root>
    <Logger name="STDOUT" level="info" additivity="false"><AppenderRef ref="OUT"/></Logger>
    <Logger name="STDERR" level="info" additivity="false"><AppenderRef ref="ERR"/></Logger>
  </Loggers>
</Configuration>
"""


def _logback(appender: str) -> str:
    return f"""\
<configuration>
  <appender name="A" {appender}
    <encoder><pattern>%d{{yyyy-MM-dd HH:mm:ss.SSS}} %logger{{20}} [%level] %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="A"/></root>
</configuration>
"""


def _logging(version: str) -> Mapping[str, str]:
    """What configures logging, by path in STORM_HOME; worker.xml, and cluster.xml for 0.9, are what workers read."""
    where = ["storm.log.dir"] if version < "1" else ["workers.artifacts", "storm.id", "worker.port"]
    path = "/".join(f"${{sys:{name}}}" for name in [*where, "logfile.name"])
    file = "${storm.log.dir}/${logfile.name}"
    return {
        "log4j2/daemon.xml": _LOG4J2_DAEMON,
        "log4j2/worker.xml": _log4j2_worker(path),
        "logback/daemon.xml": _logback('class="ch.qos.logback.core.ConsoleAppender">'),
        "logback/cluster.xml": _logback(
            f'class="ch.qos.logback.core.FileAppender"><file>{file}</file>'
        ),
    }


# -- Command line ------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a cluster until Ctrl-C, or until asked to end."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.storm_cluster", description=main.__doc__
    )
    parser.add_argument("version", choices=[*storm_lines.LINES])
    parser.add_argument("--ui", action="store_true", help="start the UI, too (not on 2.8.3)")
    parser.add_argument(
        "--directory", help="keep everything here (default: a temporary one, removed at the end)"
    )
    given = parser.parse_args(arguments)
    if given.ui and "ui" not in storm_lines.line(given.version).main:
        parser.error(f"--ui: Storm {given.version}: {NO_UI}")
    if absent := storm_lines.missing("java", "javac", "lein"):
        parser.error(absent)
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # a shell's background job would not hear the first
        signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as stack, contextlib.suppress(KeyboardInterrupt):
        directory = given.directory or stack.enter_context(
            tempfile.TemporaryDirectory(prefix="storm-")
        )
        print(f"Storm {given.version} is starting in {directory}", flush=True)
        cluster = stack.enter_context(StormCluster(given.version, directory, ui=given.ui))
        for number in (
            signal.SIGINT,
            signal.SIGTERM,
        ):  # a second one does not keep us from stopping all
            stack.callback(signal.signal, number, signal.SIG_IGN)
        print("\n".join(_introduction(cluster)), flush=True)
        signal.pause()
    return 0


def _introduction(cluster: StormCluster) -> Iterator[str]:
    yield f"nimbus  {_shown(cluster.nimbus)}"
    if cluster.ui:
        yield f"ui      http://{_shown(cluster.ui)}"
    yield f"logs    {cluster.logs}"
    yield "lein and sparse find all of Storm with, where Clojars cannot be reached:"
    for name, value in storm_lines.environment(cluster.version).items():
        yield f"  export {name}={shlex.quote(value)}"
    yield "config.json for it; Ctrl-C stops it:"
    yield json.dumps({"envs": {"local": cluster.environment_config()}}, indent=4)


def _shown(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


if __name__ == "__main__":
    sys.exit(main())

"""The machines of a cluster over ssh, with a real sshd for each: trust, virtualenvs, tunnels, logs."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cli.sparse import main
from streamparse.cluster import remote
from streamparse.cluster.ssh import Machine
from streamparse.project import Environment, OperationError, ProjectError, environment_from
from tests.support import sshd
from tests.support.sshd import Hosts

pytestmark = [pytest.mark.real_ssh, pytest.mark.timeout(300)]

NAME = "wordcount"


@pytest.fixture(scope="module")
def machines() -> Iterator[Hosts]:
    if os.geteuid() != 0:
        pytest.skip("two machines on one have users and mounts of their own, which takes root")
    with sshd.hosts("worker1", "worker2") as hosts:
        yield hosts


@pytest.fixture
def hosts(machines: Hosts, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """The two workers, as they can be reached from this process."""
    reach(machines, monkeypatch)
    return machines


def reach(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    for name, value in hosts.env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def project(hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project for these workers."""
    monkeypatch.chdir(tmp_path)
    for directory in ("topologies", "virtualenvs"):
        (tmp_path / directory).mkdir()
    (tmp_path / "topologies" / f"{NAME}.clj").write_text("", encoding="utf-8")
    (tmp_path / "topologies" / f"{NAME}_2.clj").write_text("", encoding="utf-8")
    require(tmp_path, "streamparse")
    config(tmp_path, hosts)
    return tmp_path


def config(project: Path, hosts: Hosts, **settings: object) -> None:
    section = {**hosts.environment_config(), **settings}
    (project / "config.json").write_text(json.dumps({"envs": {"here": section}}))


def environment(hosts: Hosts, **settings: object) -> Environment:
    return environment_from("here", {**hosts.environment_config(), **settings})


def require(project: Path, *lines: str) -> Path:
    path = project / "virtualenvs" / f"{NAME}.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def failure(action: Callable[[], object]) -> OperationError:
    with pytest.raises(OperationError) as caught:
        action()
    return caught.value


def update(hosts: Hosts, requirements: Path, name: str = NAME, **settings: object) -> list[str]:
    """What is said about each worker, without the times and sorted; and then the error, if there is one."""
    said: list[str] = []
    try:
        remote.update_virtualenvs(
            environment(hosts, **settings), name, requirements, say=said.append
        )
    except OperationError as error:
        return [*sorted(line.partition(",")[0] for line in said), str(error)]
    return sorted(line.partition(",")[0] for line in said)


# -- whom to trust -----------------------------------------------------------------------------------------------


@contextmanager
def known_hosts(hosts: Hosts, text: str, *, config: str = "") -> Iterator[None]:
    """Another file of known hosts, and something at the front of ssh's configuration."""
    files = {hosts.known_hosts: text, hosts.home / ".ssh" / "config": config}
    before = {path: path.read_text() for path in files}
    hosts.known_hosts.write_text(text)
    (hosts.home / ".ssh" / "config").write_text(config + before[hosts.home / ".ssh" / "config"])
    try:
        yield
    finally:
        for path, old in before.items():
            path.write_text(old)


def greet(name: str = "worker1") -> str:
    """What a command there has to say, or why it could not be run."""
    try:
        with Machine(name, None) as machine:
            return machine.run("echo hello").output
    except OperationError as error:
        return str(error)


def fingerprint(path: Path) -> str:
    argv = ["ssh-keygen", "-l", "-f", str(path)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()[1]


def test_a_host_is_trusted_in_every_form_in_which_ssh_knows_it(
    hosts: Hosts, tmp_path: Path
) -> None:
    host = hosts["worker1"]
    name, key = host.known.split(" ", 1)
    other = hosts["worker2"].known.split(" ", 1)[1]
    hashed = tmp_path / "hashed"
    hashed.write_text(host.known)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(hashed)], check=True, capture_output=True)
    forms = {
        "as it is": host.known,
        "hashed": hashed.read_text(),
        "by a pattern": f"[127.*]:* {key}",
        "for any port": f"127.0.0.1 {key}",
        "by the second of two keys": f"{name} {other}{name} {key}",
        "among lines that are none": f"# {name} {other}\n@cert-authority * {other}no sense\n{host.known}",
    }
    outcomes = {}
    for form, text in forms.items():
        with known_hosts(hosts, text):
            outcomes[form] = greet()
    assert outcomes == dict.fromkeys(forms, "hello\n")


def test_a_host_that_ssh_would_not_trust_is_refused_with_its_fingerprint(hosts: Hosts) -> None:
    host = hosts["worker1"]
    name, key = host.known.split(" ", 1)
    other = hosts["worker2"].known.split(" ", 1)[1]
    here = f"ssh-ed25519 {fingerprint(host.directory / 'host_key.pub')}"
    there = f"ssh-ed25519 {fingerprint(hosts['worker2'].directory / 'host_key.pub')}"
    unknown = (
        f"worker1: the host key of {name}, {here}, is not in known_hosts; "
        "ssh worker1 once to look at it and accept it"
    )
    cases = {
        "": unknown,
        f"!127.0.0.1,!{name},* {key}": unknown,
        f"{name} {other}": (
            f"worker1: the host key of {name} is {here}, but known_hosts has {there}: somebody may be "
            f"listening in; if the host was set up anew, ssh-keygen -R '{name}', then ssh worker1 once"
        ),
        f"{host.known}@revoked * {key}": (
            f"worker1: the host key of {name}, {here}, is revoked in known_hosts; ask who runs the host"
        ),
    }
    outcomes = {}
    for text in cases:
        with known_hosts(hosts, text):
            outcomes[text] = greet()
    assert outcomes == cases


def test_what_sshs_configuration_includes_holds_too(hosts: Hosts, tmp_path: Path) -> None:
    far = hosts["worker2"]
    (hosts.home / ".ssh" / "more").mkdir()
    (hosts.home / ".ssh" / "more" / "far.conf").write_text(
        f"Host far\n HostName 127.0.0.1\n Port {far.port}\n"
    )
    # What stands behind the include belongs to no Host of the included file.
    config = f"Include more/*.conf {tmp_path}/none\nUser {far.user}\nHost far\n IdentityFile ~/.ssh/id_ed25519\n"
    with known_hosts(hosts, far.known, config=config):
        assert greet("far") == "hello\n"
    with known_hosts(hosts, far.known, config="Host far\n Port none\n"):
        assert greet("far") == (
            "ssh's configuration cannot be read: invalid literal for int() with base 10: 'none'"
        )


def test_strict_host_key_checking_of_sshs_configuration_holds(hosts: Hosts) -> None:
    host = hosts["worker1"]
    wrong = f"[127.0.0.1]:{host.port} {hosts['worker2'].known.split(' ', 1)[1]}"
    strict = "Host worker1\n StrictHostKeyChecking {}\n"
    with known_hosts(hosts, "", config=strict.format("accept-new")):
        assert (greet(), hosts.known_hosts.read_text().split()) == (
            "hello\n",
            host.known.split()[:3],
        )
    with known_hosts(hosts, wrong, config=strict.format("accept-new")):
        assert "but known_hosts has" in greet()
    with known_hosts(hosts, wrong, config=strict.format("no")):
        assert (greet(), hosts.known_hosts.read_text()) == ("hello\n", wrong)


def test_hosts_that_are_jumped_over_are_checked_too(hosts: Hosts) -> None:
    far = hosts["worker2"]
    jump = (
        f"Host far\n HostName 127.0.0.1\n Port {far.port}\n User {far.user}\n ProxyJump worker1\n"
        f" IdentityFile {hosts.home}/.ssh/id_ed25519\n"
    )
    with known_hosts(hosts, hosts.known_hosts.read_text(), config=jump):
        assert greet("far") == "hello\n"
    with known_hosts(hosts, far.known, config=jump):
        port = hosts["worker1"].port
        assert greet("far").startswith(
            f"far: the host key of [127.0.0.1]:{port}, ssh-ed25519 SHA256:"
        )


# -- what goes wrong on the way ----------------------------------------------------------------------------------


def test_a_machine_that_cannot_be_reached_is_one_line_with_the_remedy(
    hosts: Hosts, tmp_path: Path
) -> None:
    key = hosts.home / ".ssh" / "secret"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", key], check=True)
    locked = (
        f"Host locked\n HostName 127.0.0.1\n Port {hosts['worker1'].port}\n IdentityFile {key}\n"
    )
    dumb = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        dumb.accept()[0].close()

    threading.Thread(target=hang_up, daemon=True).start()
    with dumb, known_hosts(hosts, hosts.known_hosts.read_text(), config=locked):
        closed, dumb_port = sshd.free_port(), dumb.getsockname()[1]
        outcomes = [
            greet(f"127.0.0.1:{closed}"),
            greet("nobody@worker1"),
            greet("locked"),
            greet("no-such-host.invalid"),
            greet(f"127.0.0.1:{dumb_port}"),
        ]
    assert outcomes == [
        f"127.0.0.1:{closed}: connection refused (127.0.0.1 port {closed}); "
        "is sshd running there, and is this its port?",
        "nobody@worker1: user nobody is refused: none of the keys of ssh's agent and configuration is accepted; "
        "see that ssh nobody@worker1 works without a password",
        "locked: the ssh key has a passphrase, and ssh's agent has not got it; "
        "ssh-add it, and see that ssh locked works",
        "no-such-host.invalid: no such host is known; check its name, or give it a Host in ~/.ssh/config",
        f"127.0.0.1:{dumb_port}: what answers there is no ssh server; is this sshd's port?",
    ]


def test_what_is_wrong_with_an_environment_is_told_before_anything_is_connected_to(
    hosts: Hosts, project: Path
) -> None:
    path = project / "virtualenvs" / f"{NAME}.txt"
    wrong: Mapping[str, Callable[[], object]] = {
        "config.json: envs.here.workers is missing or empty; "
        '["storm1.example.com", "storm2.example.com"] would do': lambda: update(
            hosts, path, workers=[]
        ),
        "config.json: envs.here.workers has 'a b'; host, host:port or user@host would do": lambda: (
            update(hosts, path, workers=["a b"])
        ),
        'config.json: envs.here.virtualenv_root is missing or empty; "/data/virtualenvs" would do': (
            lambda: update(hosts, path, virtualenv_root="")
        ),
        "config.json: envs.here.virtualenv_root is '~/x'; an absolute path would do, "
        "the same on every worker": lambda: update(hosts, path, virtualenv_root="~/x"),
        "config.json: envs.here.virtualenv_flags: no closing quotation; words as in a shell would do": (
            lambda: update(hosts, path, virtualenv_flags="-p 'x")
        ),
        'config.json: envs.here.log.path is missing or empty; "/var/log/storm/streamparse" would do': (
            lambda: remote.find_logs(environment(hosts, log={}), NAME)
        ),
        'config.json: envs.here.nimbus is missing or empty; "storm1.example.com" would do': (
            lambda: remote.nimbus_tunnel(environment(hosts)).__enter__()
        ),
    }
    told = []
    for action in wrong.values():
        with pytest.raises(ProjectError) as caught:
            action()
        told.append(str(caught.value))
    assert told == [*wrong]


# -- virtualenvs -------------------------------------------------------------------------------------------------


def python_of(hosts: Hosts, name: str = NAME) -> str:
    return remote.virtualenv_python(environment(hosts), name)


def version_on(worker: str, python: str) -> str:
    with Machine(worker, None) as machine:
        return machine.run(f"{python} -c 'import streamparse as s; print(s.__version__)'").output


def left_behind() -> list[str]:
    """What the users of these machines left in /tmp; other tests' users may be at work there meanwhile."""
    ours = {entry.pw_uid for entry in pwd.getpwall() if sshd.is_made_here(entry.pw_name)}
    return [
        entry.name
        for entry in os.scandir("/tmp")
        if entry.name.startswith("streamparse_requirements-") and owner(entry) in ours
    ]


def owner(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat(follow_symlinks=False).st_uid
    except FileNotFoundError:  # another test's, and gone
        return None


def wheel(directory: Path, name: str, version: str, files: Mapping[str, str]) -> None:
    """A wheel of these files, which pip can install without an index."""
    directory.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(directory / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


def test_virtualenvs_are_built_on_all_workers_and_then_updated(
    hosts: Hosts, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require(project, f"streamparse=={__version__}")
    status = main(["update_virtualenv", "-n", NAME])
    said = capsys.readouterr()
    assert (
        status,
        said.err,
        [line.partition(",")[0] for line in sorted(said.out.splitlines()[1:])],
    ) == (
        0,
        "",
        ["worker1: created", "worker2: created"],
    )
    python = python_of(hosts)
    assert [version_on(worker, python) for worker in hosts.by_name] == [f"{__version__}\n"] * 2
    assert update(hosts, require(project, f"streamparse=={__version__}")) == [
        "worker1: updated",
        "worker2: updated",
    ]
    assert left_behind() == []


def test_where_pip_fails_is_told_with_what_it_said_and_the_other_worker_is_done(
    hosts: Hosts, project: Path
) -> None:
    wheel(hosts["worker1"].data / "wheels", "streamparse", "0.0.1", FAKE)
    path = require(project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse==0.0.1")
    error = failure(
        lambda: remote.update_virtualenvs(environment(hosts), "old", path, say=lambda _: None)
    )
    lines = error.output.splitlines()
    assert (str(error), lines[0], lines[-1]) == (
        "old has no good virtualenv on 2 of 2 workers: "
        f"worker1: streamparse is 0.0.1 there and {__version__} here; streamparse=={__version__} in {path} would do; "
        "worker2: pip: No matching distribution found for streamparse==0.0.1; "
        "mend that and run it again, what is done stays done",
        "worker2:",
        "ERROR: No matching distribution found for streamparse==0.0.1",
    )
    assert left_behind() == []


FAKE = {"streamparse/__init__.py": "__version__ = '0.0.1'\n", "streamparse/run.py": ""}


def test_a_worker_that_refuses_is_told_and_the_others_are_awaited(
    hosts: Hosts, project: Path
) -> None:
    wheel(hosts["worker1"].data / "wheels", "streamparse", __version__, REAL)
    path = require(project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse")
    *said, error = update(hosts, path, "other", workers=["worker1", "nobody@worker2"])
    assert said == [
        "nobody@worker2: FAILED: user nobody is refused: none of the keys of ssh's agent and configuration is "
        "accepted; see that ssh nobody@worker2 works without a password",
        "worker1: created",
    ]
    assert error.startswith("other has no good virtualenv on 1 of 2 workers: nobody@worker2: user")


REAL = {"streamparse/__init__.py": f"__version__ = {__version__!r}\n", "streamparse/run.py": ""}


def test_a_virtualenv_whose_python_has_gone_is_made_anew_and_what_is_none_is_left_alone(
    hosts: Hosts, project: Path
) -> None:
    for worker in hosts.by_name.values():
        wheel(worker.data / "wheels", "streamparse", __version__, REAL)
    path = require(project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse")
    with Machine("worker1", None) as machine:
        root = f"{hosts.data}/virtualenvs/moved"
        machine.run(
            f"mkdir -p {root}/bin && ln -s /no/python {root}/bin/python && touch {root}/pyvenv.cfg"
        )
    with Machine("worker2", None) as machine:
        machine.run(f"mkdir {root} && touch {root}/precious")
    *said, _ = update(hosts, path, "moved")
    assert said == [
        "worker1: made anew",
        f"worker2: FAILED: {root} is there and is no virtualenv; move it away",
    ]
    assert (hosts["worker2"].data / "virtualenvs" / "moved" / "precious").exists()


def test_a_disk_that_is_full_is_told_as_such_and_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "virtualenvs").mkdir()
    path = require(tmp_path, f"streamparse=={__version__}")
    with sshd.hosts("worker1", "worker2", small={"worker2": "3m"}) as hosts:
        reach(hosts, monkeypatch)
        said = update(hosts, path, workers=["worker2"])
        with Machine("worker2", None) as machine:
            there = machine.run(f"ls -A {hosts.data}/virtualenvs").output
    assert (said[0], there, left_behind()) == (
        "worker2: FAILED: virtualenv: No space left on device",
        "",
        [],
    )


def test_virtualenv_makes_it_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "virtualenvs").mkdir()
    with tempfile.TemporaryDirectory() as programs:
        Path(programs).chmod(0o755)
        program = Path(programs, "virtualenv")
        program.write_text('#!/bin/sh\necho "$@" >&2; exit 3\n')
        program.chmod(0o755)
        with sshd.hosts("worker1", path=f"{programs}:/usr/bin:/bin") as hosts:
            reach(hosts, monkeypatch)
            said = update(
                hosts, require(tmp_path, "streamparse"), virtualenv_flags="-p 'my python' -q"
            )
    assert (
        said[0] == f"worker1: FAILED: virtualenv: {hosts.data}/virtualenvs/{NAME} -p my python -q"
    )


def test_the_flags_of_a_virtualenv_hold_for_virtualenv_and_for_venv(
    hosts: Hosts, project: Path
) -> None:
    path = require(project, "streamparse")
    steps = remote.virtualenv_steps(
        environment(
            hosts,
            virtualenv_root="/data/virtual envs/",
            virtualenv_flags="-p 3.11 --prompt 'word count'",
        ),
        NAME,
        path,
    )
    assert steps == [
        "mktemp -d /tmp/streamparse_requirements-XXXXXXXXX",
        f"copy {path} to /tmp/streamparse_requirements-XXXXXXXXX/requirements.txt",
        "unless /data/virtual envs/wordcount is there: "
        "virtualenv '/data/virtual envs/wordcount' -p 3.11 --prompt 'word count'",
        "    or, where there is no virtualenv: "
        "python3.11 -m venv '/data/virtual envs/wordcount' --prompt 'word count'",
        "TMPDIR=/tmp/streamparse_requirements-XXXXXXXXX '/data/virtual envs/wordcount/bin/python' -m pip install "
        "--exists-action w --disable-pip-version-check --no-input "
        "-r /tmp/streamparse_requirements-XXXXXXXXX/requirements.txt",
        "'/data/virtual envs/wordcount/bin/python' -c "
        f"'import streamparse, streamparse.run; print(streamparse.__version__)', which must be {__version__}",
        "rm -rf /tmp/streamparse_requirements-XXXXXXXXX",
    ]


# -- interrupted -------------------------------------------------------------------------------------------------


@contextmanager
def sparse(
    hosts: Hosts, *arguments: str, stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "streamparse.cli.sparse", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **hosts.env},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_pip_is_at_work_ends_it_there_and_leaves_nothing(
    hosts: Hosts, project: Path, number: signal.Signals
) -> None:
    for worker in hosts.by_name.values():
        wheel(worker.data / "wheels", "streamparse", __version__, REAL)
    path = require(project, "--no-index", f"--find-links {hosts.data}/wheels", "streamparse")
    update(hosts, path)  # so that there is one
    asked = threading.Barrier(3, timeout=60)
    over = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        """An index that is asked by both workers' pips and does not answer."""

        def do_GET(self) -> None:
            asked.wait()
            over.wait()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    require(
        project,
        "--no-index",
        f"--find-links http://127.0.0.1:{server.server_port}/",
        "streamparse",
        "more",
    )
    with server, sparse(hosts, "update_virtualenv", "-n", NAME) as process:
        asked.wait()
        process.send_signal(number)
        assert process.wait() == 130
        running = [line for worker in hosts.by_name.values() for line in worker.processes()]
        over.set()
        server.shutdown()
    assert (running, left_behind()) == ([], [])


def test_an_interrupt_while_a_virtualenv_is_made_takes_the_half_of_it_away(
    hosts: Hosts, project: Path
) -> None:
    fifo = hosts.data / "begun"
    os.mkfifo(fifo)
    fifo.chmod(0o666)
    config(
        project,
        hosts,
        workers=["worker1"],
        virtualenv_flags="-p /tmp/../" + str(stuck(hosts, fifo)),
    )
    shutil.rmtree(hosts.data / "virtualenvs" / NAME, ignore_errors=True)
    with sparse(hosts, "update_virtualenv", "-n", NAME) as process:
        fifo.read_text()  # which waits for the writer
        half = (hosts.data / "virtualenvs" / NAME / "bin").is_dir()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert (
        half,
        [*(hosts.data / "virtualenvs").glob(NAME)],
        hosts["worker1"].processes(),
        left_behind(),
    ) == (
        True,
        [],
        [],
        [],
    )


def stuck(hosts: Hosts, fifo: Path) -> Path:
    """A Python whose venv does not come to an end."""
    path = hosts.data / "stuck"
    path.write_text(f'#!/bin/sh\nmkdir -p "$3/bin"\necho begun > {fifo}\nsleep 1000\n')
    path.chmod(0o755)
    return path


# -- a way to Nimbus ---------------------------------------------------------------------------------------------


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def ask(address: tuple[str, int], words: bytes) -> bytes:
    with socket.create_connection(address) as connection:

        def speak() -> None:
            with contextlib.suppress(OSError):  # nobody listens any more
                connection.sendall(words)
                connection.shutdown(socket.SHUT_WR)

        threading.Thread(target=speak).start()
        answer = b""
        while data := connection.recv(65536):
            answer += data
        return answer


@pytest.mark.parametrize("use_ssh", [True, False])
def test_nimbus_answers_through_a_tunnel_or_directly_and_the_tunnel_is_closed(
    hosts: Hosts, echo: int, use_ssh: bool
) -> None:
    host = "worker1" if use_ssh else "127.0.0.1"
    there = environment(hosts, nimbus=f"{host}:{echo}", use_ssh_for_nimbus=use_ssh)
    words = bytes(range(256)) * 4096  # a mebibyte, as a jar is longer than any buffer
    with remote.nimbus_tunnel(there) as address:
        assert (ask(address, words), ask(address, b"again")) == (words, b"again")
    assert (address == ("127.0.0.1", echo)) is not use_ssh
    if use_ssh:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


@pytest.mark.parametrize(
    ("use_ssh", "way"),
    [(True, ", asked over ssh: connect failed"), (False, ": connection refused")],
)
def test_a_nimbus_that_does_not_answer_is_one_line_with_the_remedy(
    hosts: Hosts, use_ssh: bool, way: str
) -> None:
    port = sshd.free_port()
    host = "worker1" if use_ssh else "127.0.0.1"
    there = environment(hosts, nimbus=f"{host}:{port}", use_ssh_for_nimbus=use_ssh)
    assert str(failure(lambda: remote.nimbus_tunnel(there).__enter__())) == (
        f"nimbus {host}:{port} does not answer{way}; is nimbus running there, "
        "and is the port envs.here.nimbus names its thrift port?"
    )


def test_a_tunnel_that_is_lost_in_the_middle_is_told_as_such(hosts: Hosts, echo: int) -> None:
    there = environment(hosts, nimbus=f"worker2:{echo}")

    def work() -> None:
        with remote.nimbus_tunnel(there) as address:
            assert ask(address, b"before") == b"before"
            hosts["worker2"].stop()
            with contextlib.suppress(ConnectionResetError):
                assert ask(address, b"after") == b""
            raise OperationError("nimbus closed the connection", "its words")

    try:
        error = failure(work)
    finally:
        hosts["worker2"].start()
    assert (str(error), error.output) == (
        "the ssh connection to worker2 was lost while nimbus was being used; run it again",
        "its words",
    )


def test_a_server_that_lets_nobody_through_is_told_as_such(
    echo: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sshd.hosts("worker1", forwarding=False) as hosts:
        reach(hosts, monkeypatch)
        there = environment(hosts, nimbus=f"worker1:{echo}")
        assert str(failure(lambda: remote.nimbus_tunnel(there).__enter__())) == (
            "worker1: sshd lets nobody through; AllowTcpForwarding yes in its configuration would"
        )


# -- logs --------------------------------------------------------------------------------------------------------

COUNT = f"streamparse_{NAME}_count-bolt_4_99.log"
WORDS = f"streamparse_{NAME}_word-spout_5_98.log"


@pytest.fixture
def logs(hosts: Hosts) -> Iterator[dict[str, Path]]:
    """The workers' log directories, with logs of two topologies and of Storm."""
    directories = {name: host.data / "logs" for name, host in hosts.by_name.items()}
    for name, directory in directories.items():
        (directory / COUNT).write_text(f"one\n\ntwo of {name}\n")
        (directory / f"streamparse_{NAME}_2_count-bolt_4_97.log").write_text("not ours\n")
        (directory / "worker-6700.log").write_text("Storm's\n")
    (directories["worker2"] / WORDS).write_text("three\n")
    yield directories
    for directory in directories.values():
        for path in directory.iterdir():
            path.unlink()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    """Status, sorted lines of each worker in their order, and errors."""
    status = main(arguments)
    out, err = capsys.readouterr()
    return (
        status,
        sorted(out.splitlines(), key=lambda line: re.findall("worker[12]", line)[:1]),
        err,
    )


def test_tail_shows_the_last_lines_of_the_topologys_own_logs(
    project: Path, logs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "tail", "-n", NAME, "-l", "2") == (
        0,
        [
            f"worker1: ==> {COUNT} <==",
            "worker1: ",
            "worker1: two of worker1",
            f"worker2: ==> {COUNT} <==",
            "worker2: ",
            "worker2: two of worker2",
            f"worker2: ==> {WORDS} <==",
            "worker2: three",
        ],
        "",
    )
    assert run(capsys, "tail", "-n", NAME, "--all", "--pattern", "6700|spout", "--json") == (
        0,
        [
            '{"host": "worker1", "file": "worker-6700.log", "text": "Storm\'s"}',
            f'{{"host": "worker2", "file": "{WORDS}", "text": "three"}}',
            '{"host": "worker2", "file": "worker-6700.log", "text": "Storm\'s"}',
        ],
        "",
    )


def test_tail_goes_on_until_it_is_interrupted_and_leaves_no_process(
    hosts: Hosts, project: Path, logs: dict[str, Path]
) -> None:
    config(project, hosts, workers=["worker2"])
    with sparse(hosts, "tail", "-n", NAME, "-f", "-l", "1", "--pattern", "count-bolt") as process:
        assert process.stdout is not None
        seen = [process.stdout.readline(), process.stdout.readline()]
        with (logs["worker2"] / COUNT).open("a") as file:
            file.write("four\n")
        seen.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert seen == [f"==> {COUNT} <==\n", "two of worker2\n", "four\n"]
    assert hosts["worker2"].processes() == []


def test_tail_waits_for_a_log_and_follows_one_that_is_begun_later(
    hosts: Hosts, project: Path, logs: dict[str, Path]
) -> None:
    config(project, hosts, workers=["worker2"])
    later = COUNT.replace("_99.", "_100.")
    with sparse(hosts, "tail", "-n", NAME, "-f", "-l", "1", "--pattern", "count-bolt") as process:
        assert process.stdout is not None
        seen = [process.stdout.readline(), process.stdout.readline()]
        (logs["worker2"] / later).write_text("first of the next process\nsecond\n")
        seen += [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert seen == [
        f"==> {COUNT} <==\n",
        "two of worker2\n",
        f"==> {later} <==\n",
        "first of the next process\n",
        "second\n",
    ]
    assert hosts["worker2"].processes() == []


def test_a_worker_that_cannot_be_reached_does_not_keep_the_others_logs_back(
    hosts: Hosts, project: Path, logs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    config(project, hosts, workers=["worker1", "nobody@worker2"])
    status, out, err = run(capsys, "tail", "-n", NAME, "-l", "1")
    assert (
        status,
        out,
        [line.partition(": ")[0] for line in err.splitlines()],
        err.splitlines()[-1],
    ) == (
        1,
        [f"worker1: ==> {COUNT} <==", "worker1: two of worker1"],
        ["warning", "error"],
        "error: no logs, or not all of them, from nobody@worker2; see above",
    )


def test_a_topology_without_logs_is_told_with_the_nearest_one_that_is_here(
    hosts: Hosts, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none = f"in {hosts.data}/logs on any worker"
    assert run(capsys, "tail", "-n", "wordcuont") == (
        1, [], f"error: no logs of wordcuont {none}; did you mean wordcount?\n"
    )  # fmt: skip
    assert run(capsys, "remove_logs", "-y", "-n", NAME) == (
        0, [f"no logs of {NAME} {none}; has it run there, and is that where it logs?"], ""
    )  # fmt: skip
    assert run(capsys, "tail", "-n", "a b") == (
        2,
        [],
        'error: "a b" is no name for a topology: letters, digits, . _ and - would do, '
        "a letter, a digit or _ in front\n",
    )


def test_remove_logs_removes_the_topologys_own_and_nothing_else(
    project: Path, logs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove_logs", "-n", NAME, "--yes"]) == 0
    directory = logs["worker1"]
    shown = capsys.readouterr().out.splitlines()
    assert (shown[:5], sorted(shown[5:])) == (
        [
            "worker1:",
            f"    {directory}/{COUNT}",
            "worker2:",
            f"    {directory}/{COUNT}",
            f"    {directory}/{WORDS}",
        ],
        ["worker1: 1 file removed", "worker2: 2 files removed"],
    )
    assert {name: sorted(path.name for path in each.iterdir()) for name, each in logs.items()} == (
        {name: [f"streamparse_{NAME}_2_count-bolt_4_97.log", "worker-6700.log"] for name in logs}
    )


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("\n", 2), ("\x04", 2)])
def test_remove_logs_asks_at_a_terminal_and_takes_only_a_yes(
    hosts: Hosts, project: Path, logs: dict[str, Path], answer: str, left: int
) -> None:
    terminal, theirs = pty.openpty()
    with sparse(
        hosts, "remove_logs", "-n", NAME, "--pattern", "count-bolt", stdin=theirs
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        said = ""
        while not said.endswith("? [y/N] "):
            said += process.stdout.read(1)
        os.write(terminal, answer.encode())
        assert process.wait() == 0
    os.close(terminal)
    assert said.endswith("Remove 2 files? [y/N] ")
    assert len([*logs["worker1"].glob(COUNT), *logs["worker2"].glob(COUNT)]) == left


def test_remove_logs_without_a_terminal_wants_a_yes_on_the_command_line(
    hosts: Hosts, project: Path
) -> None:
    with sparse(hosts, "remove_logs", "-n", NAME) as process:
        assert (process.communicate(), process.returncode) == (
            (
                "",
                "error: nobody can be asked whether to remove them: no terminal; -y removes them\n",
            ),
            2,
        )

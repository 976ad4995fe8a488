"""The commands that build one virtualenv on a worker, and remove those that nothing uses.

``ROOT/NAME-DIGEST`` is a virtualenv. ``ROOT/.streamparse-NAME`` has what is known of the topology's::

    lock                    locked while somebody builds or removes one of them
    files/                  what pip reads, while one is built
    NAME-DIGEST/            a record of a virtualenv
    NAME-DIGEST/complete    it is whole; without this it is half made
    NAME-DIGEST/used-by/    an empty file for each Nimbus whose topology runs in it
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from streamparse.cluster.requirements import FIRST

__all__ = ["PROGRAM", "Virtualenv", "interpreter"]

#: Prints the version of streamparse that a Python has, if components can run with it.
PROGRAM = "import streamparse, streamparse.run; print(streamparse.__version__)"

# Says "held" when it has the lock, and "busy" before if it has to wait for it.
_LOCK = """\
import fcntl, signal, sys
try:
    file = open(sys.argv[1], "a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("busy", flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
except OSError as error:
    sys.exit("%s: %s" % (sys.argv[1], error.strerror))
print("held", flush=True)
signal.pause()"""

# Removes the half-made virtualenvs of a topology, and the files of a run that was killed.
_SWEEP = """\
cd {records} || exit
rm -rf files
for record in {name}-*; do
    test -d "$record" && ! test -e "$record/complete" || continue
    rm -rf {root}/"$record" "$record"
done"""

# Notes who uses a virtualenv, and removes the others of its topology that nobody uses: a Nimbus whose topology ran in
# them has another now, or nobody submitted them for a day; and no process runs in them.
_SWITCH = """\
cd {records} || exit
mkdir -p {this}/used-by && : > {this}/used-by/{user} || exit
if test -d /proc/self; then running=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' ')
else running=$(ps -axww -o args); fi
for record in {name}-*; do
    test -d "$record" && test "$record" != {this} || continue
    rm -f "$record"/used-by/{user}
    if test -d "$record/used-by"; then test -z "$(ls "$record/used-by")" || continue
    else test -n "$(find "$record/complete" -mtime +0)" || continue; fi
    case $running in *{root}/"$record"/*) continue ;; esac
    rm -f "$record/complete"
    rm -rf {root}/"$record" "$record"
    echo "$record"
done"""


def interpreter(flags: Sequence[str]) -> tuple[str, list[str]]:
    """Return the interpreter that virtualenv's flags ask for, by default ``python3``, and the other flags."""
    python, others = "python3", []
    words = iter(flags)
    for word in words:
        found = _INTERPRETER.fullmatch(word)
        if found is None:
            others.append(word)
            continue
        asked = found["here"] or next(words, "")
        python = f"python{asked}" if re.match(r"\d", asked) else asked or python
    return python, others


# -p PYTHON, -pPYTHON, --python PYTHON, --python=PYTHON
_INTERPRETER = re.compile(r"(?:-p|--python(?=$|=)=?)(?P<here>.*)")


@dataclass(frozen=True)
class Virtualenv:
    """A virtualenv of a topology, at the same path on every worker, and the commands that deal with it.

    Attributes:
        root: the directory of all virtualenvs.
        name: of the topology.
        digest: of everything that decides what is in it.
        flags: options of ``virtualenv``.
        wheel: the file name of the running package's wheel; None when the requirements ask for streamparse by URL.
    """

    root: str
    name: str
    digest: str
    flags: tuple[str, ...]
    wheel: str | None

    @property
    def directory(self) -> str:
        """The name of its directory, below the root."""
        return f"{self.name}-{self.digest}"

    @property
    def path(self) -> str:
        return f"{self.root}/{self.directory}"

    @property
    def python(self) -> str:
        return f"{self.path}/bin/python"

    @property
    def files(self) -> str:
        """The directory that has what pip reads, while it is built."""
        return f"{self._records}/files"

    @property
    def _records(self) -> str:
        return f"{self.root}/.streamparse-{self.name}"

    @property
    def _record(self) -> str:
        return f"{self._records}/{self.directory}"

    # -- the lock, and what is there -------------------------------------------------------------------------------

    @property
    def lock(self) -> str:
        """Holds the lock of the topology's virtualenvs until it is ended."""
        python, _ = interpreter(self.flags)
        words = shlex.join([python, "-c", _LOCK, f"{self._records}/lock"])
        return f"mkdir -p {shlex.quote(self._records)} && exec {words}"

    @property
    def sweep(self) -> str:
        """Removes what runs that were killed have half made."""
        return _SWEEP.format(
            root=shlex.quote(self.root), records=shlex.quote(self._records), name=self.name
        )

    @property
    def state(self) -> str:
        """Prints ``complete``, ``foreign`` for something at its path that is not ours, or ``none``."""
        return (
            f"if test -e {shlex.quote(self._record)}/complete; then echo complete; "
            f"elif test -e {shlex.quote(self.path)}; then echo foreign; else echo none; fi"
        )

    @property
    def works(self) -> str:
        """Prints the version of streamparse in it, if its Python works."""
        return shlex.join([self.python, "-c", PROGRAM])

    # -- building --------------------------------------------------------------------------------------------------

    @property
    def begin(self) -> str:
        """Makes the directory for files, and notes that it is half made."""
        return shlex.join(["mkdir", "-p", self.files, self._record])

    @property
    def with_virtualenv(self) -> str:
        """Creates it with ``virtualenv``."""
        python, flags = interpreter(self.flags)
        return shlex.join(["virtualenv", self.path, "-p", python, *flags])

    @property
    def with_venv(self) -> str:
        """Creates it with Python's own ``venv``, which is run by the interpreter that it is for."""
        python, flags = interpreter(self.flags)
        return shlex.join([python, "-m", "venv", self.path, *flags])

    @property
    def create(self) -> str:
        """Creates it with what the worker has."""
        return (
            f"TMPDIR={shlex.quote(self.files)}; export TMPDIR; "
            f"if command -v virtualenv >/dev/null; then exec {self.with_virtualenv}; "
            f"else exec {self.with_venv}; fi"
        )

    @property
    def install(self) -> str:
        """Installs the wheel and the requirements at once, so that none of them can replace the other."""
        pip = [self.python, "-m", "pip", "install", "--exists-action", "w"]
        carried = [] if self.wheel is None else [f"{self.files}/{self.wheel}"]
        more = [
            "--disable-pip-version-check",
            "--no-input",
            *carried,
            "-r",
            f"{self.files}/{FIRST}",
        ]
        return f"TMPDIR={shlex.quote(self.files)} {shlex.join([*pip, *more])}"

    @property
    def finish(self) -> str:
        """Notes that it is whole, also when it was there: it is not removed for a day."""
        return f": > {shlex.quote(self._record)}/complete"

    @property
    def remove(self) -> str:
        """Removes it; ``complete`` goes first, so that a half of it is swept."""
        path, record = shlex.quote(self.path), shlex.quote(self._record)
        return f"rm -f {record}/complete && rm -rf {path} {record}"

    def switch(self, user: str) -> str:
        """Notes that a topology runs in it, and prints the others that it removes.

        Args:
            user: host and port of the topology's Nimbus.
        """
        return _SWITCH.format(
            root=shlex.quote(self.root),
            records=shlex.quote(self._records),
            name=self.name,
            this=self.directory,
            user=shlex.quote(user),
        )

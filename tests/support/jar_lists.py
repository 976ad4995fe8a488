"""The lists of the jars that a LocalCluster of each Storm 2 needs: ``python -m tests.support.jar_lists 2.8.3 2.8.4``.

Maven is asked for each version, and the file that ships is written anew, with the versions that it has already.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from streamparse.jvm.storm_jars import JAR_LISTS, POM, jar_lists

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:tree"

_HEAD = """\
# The jars of storm-server and of what it needs at run time, by the version of Storm, in the order of a class path.
# Maven's answer; `python -m tests.support.jar_lists VERSION` adds a version.
"""


def jars_in(tree: str) -> list[str]:
    """The ``group:artifact:version`` of each jar in the output of Maven's ``dependency:tree``, but the first line."""
    found = [line.split()[-1].split(":") for line in tree.splitlines()[1:]]
    assert all(len(each) == 5 and each[2] == "jar" for each in found), tree  # none has a classifier
    return [f"{group}:{artifact}:{version}" for group, artifact, _, version, _ in found]


def ask_maven(version: str) -> list[str]:
    """The jars of a Storm."""
    with tempfile.TemporaryDirectory() as name:
        pom, answer = Path(name, "pom.xml"), Path(name, "tree")
        pom.write_text(POM.format(version), encoding="utf-8")
        argv = ["mvn", "-B", "-q", "-f", str(pom), _PLUGIN, f"-DoutputFile={answer}"]
        subprocess.run([*argv, "-Dscope=runtime"], check=True)
        return jars_in(answer.read_text(encoding="utf-8"))


def text_of(lists: Mapping[str, Sequence[str]]) -> str:
    """The file, newest version first."""
    newest_first = sorted(lists, key=lambda each: [int(part) for part in each.split(".")])[::-1]
    parts = [
        f"\n{each}\n" + "".join(f"    {jar}\n" for jar in lists[each]) for each in newest_first
    ]
    return _HEAD + "".join(parts)


def main(versions: Sequence[str]) -> None:
    lists = {**jar_lists(), **{each: ask_maven(each) for each in versions}}
    JAR_LISTS.write_text(text_of(lists), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""A project, and scripts in place of Leiningen and Java, which print what a test wants."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from streamparse.jvm import Jvm, find_jvm
from streamparse.project import Project

PROJECT_CLJ = """\
(defproject words "1"
  :dependencies [[org.clojure/clojure "1.11.1"] [org.apache.storm/storm-clojure "2.8.3"]])
"""

# It writes down how it was called, prints what `says` has, and gives the answer that `answer` has.
LEIN = """\
#!/bin/sh
here=$(/usr/bin/dirname "$0")
echo "$@" >> "$here/asked"
/bin/cat "$here/says"
for last; do :; done
if [ -e "$here/answer" ]; then /bin/cp "$here/answer" "$last"; fi
read status < "$here/status"
exit "$status"
"""


class LeinProject:
    """A project, a Leiningen that gives the answer of ``answers``, and a JVM that prints what ``java_prints`` has."""

    def __init__(self, directory: Path, setenv: Callable[[str, str], None]) -> None:
        self.setenv = setenv
        self.tools = directory / "tools"
        self.write("tools/lein", LEIN).chmod(0o755)
        self.write("tools/java", "#!/bin/sh\n").chmod(0o755)
        self.project = self.made("words")
        self.jvm = Jvm(
            str(self.tools / "java"),
            "17.0.15",
            ("-Xmx1g",),
            os.pathsep.join(["words/topologies", self.jar("storm-client-2.8.3.jar", java=8)]),
        )
        self.answers(self.jvm)

    def made(self, name: str, project_clj: str = PROJECT_CLJ) -> Project:
        directory = self.tools.parent / name
        self.write(f"{name}/project.clj", project_clj)
        self.write(f"{name}/config.json", "{}")
        self.write(f"{name}/src/words.py", "")
        return Project(directory)

    def write(self, name: str, text: str) -> Path:
        path = self.tools.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def jar(self, name: str, *, java: int = 8, entries: tuple[str, ...] = ()) -> str:
        """A jar whose classes are compiled for a release of Java."""
        path = self.tools.parent / name
        with zipfile.ZipFile(path, "w") as archive:
            head = b"\xca\xfe\xba\xbe\0\0" + (44 + java).to_bytes(2, "big")
            archive.writestr("org/apache/storm/Constants.class", head)
            for entry in entries:
                archive.writestr(entry, "")
        return str(path)

    def answers(self, jvm: Jvm | None, *says: str, status: int = 0) -> None:
        (self.tools / "answer").unlink(missing_ok=True)
        if jvm is not None:
            self.write(
                "tools/answer",
                json.dumps(
                    {
                        "java": jvm.java,
                        "java_version": jvm.java_version,
                        "arguments": jvm.arguments,
                        "class_path": jvm.class_path,
                    }
                ),
            )
        self.write("tools/says", "".join(f"{line}\n" for line in says))
        self.write("tools/status", f"{status}\n")

    def java_prints(self, *lines: str, errors: tuple[str, ...] = (), status: int = 0) -> None:
        """Have the JVM print these lines, and those on stderr, and end."""
        self.write("tools/out", "".join(f"{line}\n" for line in lines))
        self.write("tools/err", "".join(f"{line}\n" for line in errors))
        self.write(
            "tools/java",
            # With --check it finds no mistake.
            f'#!/bin/sh\ncase "$*" in *" --check "*) exit 0 ;; esac\n'
            f"/bin/cat {self.tools}/out\n/bin/cat {self.tools}/err >&2\nexit {status}\n",
        ).chmod(0o755)

    def asked(self) -> int:
        """How often Leiningen was started."""
        asked = self.tools / "asked"
        return len(asked.read_text().splitlines()) if asked.exists() else 0

    def find(self, project: Project | None = None) -> Jvm:
        return find_jvm(project or self.project, lambda line: None)

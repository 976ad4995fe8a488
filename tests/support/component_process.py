"""A component's process, and the other end of its conversation."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

Message = Any  # JSON

SOURCES = {
    "noisy.py": """
        import os, subprocess, sys
        print("while importing")
        os.system("echo from a child process")

        from streamparse import Bolt

        class Noisy(Bolt):
            def __init__(self):
                print("in the constructor")
                super().__init__()

            def process(self, tup):
                print("a print", tup.values)
                os.write(1, b"from C")
                subprocess.run(["echo", "from a child"])
                print("to the real one", file=sys.__stdout__)
                self.logger.debug("a debug record")
                self.logger.warning("a warning")
                assert sys.stdin.read() == "", "stdin is nobody's"

        class Ends(Bolt):
            def process(self, tup):
                sys.exit(5)

        class Unready(Bolt):
            def __init__(self, needed):
                pass

        class Unrelated:
            pass
    """,
    "broken.py": "import no_such_module\n",
    "timer.py": """
        from streamparse import TicklessBatchingBolt

        class Timed(TicklessBatchingBolt):
            secs_between_batches = 0.01

            def process_batch(self, key, tups):
                if tups[0].values == ["bad"]:
                    raise ValueError("in the thread")
                self.emit([len(tups)])
    """,
    "looping.py": """
        from streamparse import Bolt

        class Loops(Bolt):
            def process(self, tup):
                self.log("begun")
                while True:
                    self.spin()

            def spin(self):
                pass
    """,
    "alone.py": """
        from streamparse.bolt import Bolt

        class Alone(Bolt):
            def process(self, tup):
                print("printed")
                self.emit(tup.values, need_task_ids=False)

        if __name__ == "__main__":
            Alone().run()
    """,
}


class Talk:
    """One component process, and the other end of its conversation."""

    def __init__(
        self, project: Path, command: list[str], component: str = "b", **conf: object
    ) -> None:
        self.project = project
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        context = {"taskid": 4, "componentid": component}
        told = {"topology.name": "t", **conf}
        self.say({"pidDir": str(project), "conf": told, "context": context})

    def say(self, message: Message) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message) + "\nend\n")
        self.process.stdin.flush()

    def hear(self) -> Message:
        assert self.process.stdout
        text = self.process.stdout.readline()
        assert self.process.stdout.readline() == "end\n"
        return json.loads(text)

    def stack(self) -> str:
        """Where its main thread is: the innermost frame."""
        assert self.process.stderr
        os.kill(self.process.pid, signal.SIGUSR2)
        while not self.process.stderr.readline().startswith("Current thread"):
            pass
        return self.process.stderr.readline()

    def end(self) -> tuple[list[Message], str, int]:
        """Close its stdin; the rest of what it said, its stderr and exit status."""
        out, err = self.process.communicate()
        messages = [json.loads(part) for part in out.split("\nend\n") if part]
        return messages, err, self.process.returncode

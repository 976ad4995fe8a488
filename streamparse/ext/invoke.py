"""The ``sparse`` commands as tasks, for a project's tasks.py: ``from streamparse.ext.invoke import *``.

Each takes the words that follow the command: ``invoke submit --args "-e prod --wait 30"``. In Python their names are
``sparse_submit`` and so on, so that they hide neither ``list`` nor invoke's ``run``.
"""

from __future__ import annotations

import shlex
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from streamparse.cli import COMMANDS, main

__all__: list[str] = []


def _task(command: str, words: str) -> Task[Any]:
    def body(_: Context, args: str = "") -> None:
        status = main([command, *shlex.split(args)])
        if status != 0:
            raise Exit(code=status)

    body.__doc__ = f"{words[0].upper()}{words[1:]}."
    return Task(body, name=command, help={"args": f"the words that follow `sparse {command}`"})


for _each in COMMANDS:
    globals()[f"sparse_{_each.name}"] = _task(_each.name, _each.help)
    __all__.append(f"sparse_{_each.name}")

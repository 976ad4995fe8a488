"""A component's conversation on two buffers in memory."""

from __future__ import annotations

import io
from typing import Any

import pytest

from streamparse import Component
from tests.support.messages import CONF, CONTEXT, Message, said, written


@pytest.fixture
def pid_dir(tmp_path: Any) -> str:
    return str(tmp_path)


@pytest.fixture
def talk(pid_dir: str) -> Any:
    """Run a component over these messages; what it said after its pid, and its exit status."""

    def conversation(cls: type[Component], *messages: Message) -> tuple[list[Message], object]:
        text = written({"pidDir": pid_dir, "conf": CONF, "context": CONTEXT}, *messages)
        component = cls(io.StringIO(text), io.StringIO())
        with pytest.raises(SystemExit) as ended:
            component.run()
        pid, *rest = said(component)
        assert pid == {"pid": component.pid}
        return rest, ended.value.code

    return conversation

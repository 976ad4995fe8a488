"""The tasks of ``streamparse.ext.fabric`` are those of ``streamparse.ext.invoke``."""

from streamparse.ext import fabric, invoke


def test_fabrics_tasks_are_invokes() -> None:
    assert {name: getattr(fabric, name) for name in fabric.__all__} == {
        name: getattr(invoke, name) for name in invoke.__all__
    }

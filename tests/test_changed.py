"""``make check`` runs the tests of what has changed."""

from tests.support.changed import files_for


def test_each_changed_module_brings_its_tests_and_a_document_those_of_the_documents() -> None:
    changed = ["simulator/engine/acker.py", "docs/storm.md", "tests/support/paths.py", "setup.py"]
    assert files_for([*changed, "tests/streamparse/test_run.py", "gone/away.py"]) == [
        "tests/simulator/engine/test_acker.py",
        "tests/streamparse/test_run.py",
        "tests/test_docs.py",
        "tests/test_layers.py",
    ]

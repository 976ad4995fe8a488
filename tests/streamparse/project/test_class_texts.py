"""The classes of modules, as their text tells."""

from __future__ import annotations

from pathlib import Path

from streamparse.project.class_texts import Class, Sources


def test_a_class_is_found_with_its_bases_through_imports_and_other_names(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("from .base import Base as Renamed\n")
    (tmp_path / "pkg/base.py").write_text(
        "from streamparse import BatchingBolt\nclass Base(BatchingBolt): pass\n"
    )
    (tmp_path / "m.py").write_text("import pkg\nclass A(pkg.Renamed): pass\nB = A\n")
    sources = Sources(tmp_path)
    found = sources.find("m", "B")
    assert isinstance(found, Class)
    family = sources.family("m", found)
    names = [each.node.name for each in family.classes]
    assert (names, family.kind, family.is_known, family.library) == (
        ["A", "Base"],
        "bolt",
        True,
        ["BatchingBolt"],
    )


def test_a_base_class_from_elsewhere_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("from elsewhere import Base\nclass A(Base): pass\n")
    sources = Sources(tmp_path)
    found = sources.find("m", "A")
    assert isinstance(found, Class)
    assert (sources.family("m", found).kind, sources.family("m", found).is_known) == (None, False)


def test_a_module_that_changed_is_read_again(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    for name in ("A", "Longer"):
        (tmp_path / "m.py").write_text(f"class {name}: pass\n")
        assert isinstance(sources.find("m", name), Class)

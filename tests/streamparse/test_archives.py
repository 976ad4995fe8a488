"""Entries of zip files: the same names and contents are the same bytes."""

from __future__ import annotations

import zipfile
from io import BytesIO

from streamparse.archives import undated_entry


def test_an_entry_has_the_earliest_date_and_its_permissions() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(undated_entry("a/b.py"), "x")
        archive.writestr(undated_entry("run", 0o755), "x")
    with zipfile.ZipFile(content) as archive:
        found = [
            (each.filename, each.date_time, oct(each.external_attr >> 16), each.compress_type)
            for each in archive.infolist()
        ]
    earliest = (1980, 1, 1, 0, 0, 0)
    assert found == [
        ("a/b.py", earliest, "0o100644", zipfile.ZIP_DEFLATED),
        ("run", earliest, "0o100755", zipfile.ZIP_DEFLATED),
    ]

"""Entries of zip files whose bytes depend on nothing but names and contents."""

from __future__ import annotations

from zipfile import ZIP_DEFLATED, ZipInfo

__all__ = ["undated_entry"]

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip file


def undated_entry(name: str, mode: int = 0o644) -> ZipInfo:
    """Return an entry of a file, with the earliest date there is, as if it was written on Unix.

    Args:
        name: of the file in the archive.
        mode: its permissions.
    """
    entry = ZipInfo(name, _EARLIEST)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3  # Unix, wherever it is written
    entry.external_attr = (0o100000 | mode) << 16
    return entry

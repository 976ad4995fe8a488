"""The ``sparse`` command: ``sparse.py`` is its frame, every other module one of its commands."""

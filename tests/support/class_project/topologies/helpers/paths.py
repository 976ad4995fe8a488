"""A helper that is found by a change of sys.path."""

WORKERS = 1

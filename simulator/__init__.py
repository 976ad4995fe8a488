"""A deterministic Storm on a table top."""

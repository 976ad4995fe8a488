"""The type of the fixtures that run a command against a cluster."""

from collections.abc import Callable

#: Runs a command where the cluster answers as the first argument says; returns exit status, stdout and stderr.
ClusterCommand = Callable[..., tuple[int, str, str]]

"""The surroundings of the caller, given back behind each turn of a component in this process."""

from __future__ import annotations

import os
from collections.abc import Mapping

from simulator.transports import random_state
from streamparse import multilang

_HOST = multilang.Host(virtual_clock=True)


class OwnSurroundings:
    """Gives the caller's random state, directory, variables and host back at its end, whatever a component has done.

    A context manager, for one turn.

    Args:
        environment: the variables that the component has.
    """

    __slots__ = ("_directory", "_environment", "_host", "_random", "_variables")

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def __enter__(self) -> None:
        environment = self._environment
        self._variables = {name: os.environ.get(name) for name in environment}
        if environment:
            os.environ.update(environment)
        self._host = multilang.HOST.set(_HOST)
        self._random = random_state.take()
        # A descriptor: a path cannot name a directory that has been removed.
        self._directory = os.open(".", os.O_RDONLY)

    def __exit__(self, *_: object) -> None:
        os.fchdir(self._directory)
        os.close(self._directory)
        random_state.give(self._random)
        for name, value in self._variables.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        multilang.HOST.reset(self._host)

"""Invoke tasks of this project, and what else is to happen when a topology is submitted.

The functions below are called with the topology's name, the environment's name, and the environment's section
of config.json. Those of fabfile.py are called after them.
"""

from typing import Any


def pre_submit(topology_name: str, env_name: str, env_config: dict[str, Any]) -> None:
    """Called before a topology is submitted; what it changes in ``env_config`` holds for this submit."""


def post_submit(topology_name: str, env_name: str, env_config: dict[str, Any]) -> None:
    """Called once a topology has been submitted."""

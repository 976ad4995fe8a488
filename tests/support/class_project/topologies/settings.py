"""A helper of topologies, which is none itself."""

PARALLELISM = {"bolts": 2}


def init():
    PARALLELISM["spouts"] = 1

"""The tasks of ``streamparse.ext.invoke``, for a project's fabfile.py: ``from streamparse.ext.fabric import *``.

They run on this machine, whatever hosts ``fab -H`` names; the machines of a cluster are in config.json.
"""

from streamparse.ext import invoke
from streamparse.ext.invoke import *  # noqa: F403

__all__ = invoke.__all__

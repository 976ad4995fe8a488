"""The tasks of ``streamparse.ext.invoke``, for a project's fabfile.py: ``from streamparse.ext.fabric import *``.

They run here, whatever hosts ``fab -H`` names: which machines are concerned is for config.json to say.
"""

from streamparse.ext import invoke
from streamparse.ext.invoke import *  # noqa: F403

__all__ = invoke.__all__

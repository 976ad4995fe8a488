"""What the components of a topology import, as a blob that Storm hands out to the workers: no ssh, no virtualenv there.

The blob has a digest of everything that decides its content in its key, and is never changed. The topology's
configuration names it, so a submission that does not succeed leaves the running topology as it was. Storm unpacks it
beside ``resources/``, the working directory of components, and their PYTHONPATH names that place.

Sources: ``AsyncLocalizer.java`` and ``Container.java`` 2.8.3, ``supervisor.clj`` 1.0.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from streamparse.cluster.blob_store import BLOBSTORE_MAP, OLDEST, BlobStore, has_blob_store
from streamparse.cluster.nimbus import ThriftNimbus
from streamparse.cluster.packages_archive import (
    archive_steps,
    built_archive,
    interpreter_here,
    version_of,
)
from streamparse.cluster.requirements import check_requirements
from streamparse.cluster.storm_thrift import require_thriftpy2
from streamparse.cluster.tunnels import nimbus_name, nimbus_route, nimbus_tunnel
from streamparse.cluster.virtualenvs import OLDEST_PYTHON, digest_of, pip_files, split_flags
from streamparse.project import (
    CONFIG,
    Environment,
    OperationError,
    ProjectError,
    as_json,
    check_topology_name,
)

__all__ = ["BlobPackages"]

#: Called with one line of progress at a time.
Report = Callable[[str], None]

LOCAL_NAME = "streamparse_packages"  # of the unpacked blob, beside resources/
_ENVIRONMENT = "topology.environment"
_PYTHON_PATH = "topology.python.path"
_ON_WORKER = f"../{LOCAL_NAME}"


class BlobPackages:
    """The packages of a topology in the blob store of a cluster. It is a ``Packages``.

    Args:
        environment: the cluster.
        name: of the topology.
        requirements: its requirements file.
    """

    needs = ("nimbus",)

    def __init__(self, environment: Environment, name: str, requirements: Path) -> None:
        self._environment = environment
        self._name = name
        self._requirements = requirements

    def check(self) -> None:
        check_topology_name(self._name)
        check_requirements(self._requirements)
        flags = split_flags(self._environment)
        _, others = interpreter_here(flags)
        if others:
            raise ProjectError(
                [
                    f'{self._flags_key} has {" ".join(others)}; expected only -p with "virtualenv": "blobstore", as in '
                    '"-p python3.12"'
                ]
            )
        if self._version < OLDEST_PYTHON:
            oldest = _dotted(OLDEST_PYTHON)
            raise ProjectError(
                [
                    f"{self._flags_key}: {self._interpreter} is Python {_dotted(self._version)}, and streamparse needs "
                    f"{oldest} or newer"
                ]
            )

    def check_tools(self) -> None:
        require_thriftpy2('"virtualenv": "blobstore"')

    @property
    def python(self) -> str:
        # Of the version that the packages are built for, on the PATH there.
        return f"python{_dotted(self._version)}"

    @cached_property
    def key(self) -> str:
        """Of the blob."""
        files, _ = self._files
        digest = digest_of(files, [self._environment.platform], [self.python])
        return f"streamparse-{self._name}-{digest}.zip"

    def in_conf(self, conf: Mapping[str, object]) -> dict[str, object]:
        self._check_python(conf)
        variables, blobs = _section(conf, _ENVIRONMENT), _section(conf, BLOBSTORE_MAP)
        path = str(variables.get("PYTHONPATH") or "").split(":")
        own = {
            "PYTHONPATH": ":".join(
                [_ON_WORKER, *(each for each in path if each not in ("", _ON_WORKER))]
            )
        }
        blob = {self.key: {"localname": LOCAL_NAME, "uncompress": True}}
        return {**conf, _ENVIRONMENT: {**variables, **own}, BLOBSTORE_MAP: {**blobs, **blob}}

    def meet(self, address: tuple[str, int], report: Report) -> Environment:
        version = self._nimbus(address).version()
        if not has_blob_store(version):
            raise OperationError(
                f"nimbus {nimbus_name(self._environment)} runs Storm {version or 'before 0.10'}, which has no blob "
                f'store; expected {_dotted(OLDEST)} or newer, or "virtualenv": "ssh"'
            )
        return self._environment

    def plan(self, report: Report) -> None:
        pass  # everything is known without the workers

    def build(self, report: Report) -> None:
        files, wheel = self._files
        with nimbus_tunnel(self._environment) as address:
            if BlobStore(self._nimbus(address)).has(self.key):
                report(f"the packages are there already, as {self.key}")
                return
        platform = self._environment.platform
        with built_archive(self._interpreter, files, wheel, platform, report) as archive:
            size = archive.stat().st_size / 1e6
            report(f"uploading the packages for {self.python} on {platform}, {size:.1f} MB")
            with (
                nimbus_tunnel(self._environment) as address,
                archive.open("rb") as content,
            ):
                BlobStore(self._nimbus(address)).store(self.key, content)

    def switch(self, report: Report) -> None:
        with nimbus_tunnel(self._environment) as address:
            store = BlobStore(self._nimbus(address))
            old = [key for key in store.all_keys() if self._is_older(key)]
            used = store.used() if old else set()
            for key in old:
                if key not in used:
                    store.remove(key)
                    report(f"{key} is no longer used, and removed")

    def _is_older(self, key: str) -> bool:
        pattern = rf"streamparse-{re.escape(self._name)}-[0-9a-f]{{12}}\.zip"
        return key != self.key and re.fullmatch(pattern, key) is not None

    # -- the steps in words ------------------------------------------------------------------------------------------

    def summary(self) -> str:
        return (
            f"the packages of {self._name} for the blob store of {nimbus_name(self._environment)}"
        )

    def asking(self) -> list[tuple[str, list[str]]]:
        return [
            (
                self._at_nimbus,
                [f"see that this is Storm {_dotted(OLDEST)} or newer, with a blob store"],
            )
        ]

    def building(self) -> list[tuple[str, list[str]]]:
        _, wheel = self._files
        return [
            (self._at_nimbus, [f"look for the blob {self.key}; unless it is there:"]),
            ("this machine", archive_steps(self._interpreter, wheel)),
            (self._at_nimbus, [f"store it as {self.key}"]),
        ]

    def tidying(self) -> list[tuple[str, list[str]]]:
        step = f"remove the other blobs streamparse-{self._name}-DIGEST.zip that no topology names"
        return [(self._at_nimbus, [step])]

    @property
    def _at_nimbus(self) -> str:
        return f"nimbus, {nimbus_route(self._environment)}"

    # -- what it is made of ------------------------------------------------------------------------------------------

    @cached_property
    def _files(self) -> tuple[dict[str, bytes], str | None]:
        return pip_files(self._requirements, ".")

    @cached_property
    def _interpreter(self) -> str:
        return interpreter_here(split_flags(self._environment))[0]

    @cached_property
    def _version(self) -> tuple[int, int]:
        try:
            return version_of(self._interpreter)
        except OperationError as error:
            raise ProjectError(
                [
                    f"{self._flags_key}: {error}, where the packages for the blob store are built; expected a Python "
                    "of the version that the workers have"
                ]
            ) from None

    @property
    def _flags_key(self) -> str:
        return f"{CONFIG}: envs.{self._environment.name}.virtualenv_flags"

    def _check_python(self, conf: Mapping[str, object]) -> None:
        """Refuse a Python whose name says that it is of another version."""
        python = conf.get(_PYTHON_PATH)
        found = re.fullmatch(r"python(\d+\.\d+)", PurePosixPath(str(python)).name)
        if found and found[1] != _dotted(self._version):
            raise ProjectError(
                [
                    f"{_PYTHON_PATH} is {as_json(python)}, and the packages are built for Python "
                    f"{_dotted(self._version)}; expected one version: -p in virtualenv_flags names that of the packages"
                ]
            )

    def _nimbus(self, address: tuple[str, int]) -> ThriftNimbus:
        return ThriftNimbus(address, name=nimbus_name(self._environment))


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _section(conf: Mapping[str, object], key: str) -> dict[str, object]:
    """A setting that is a map."""
    value = conf.get(key)
    if value is None or isinstance(value, Mapping):
        return dict(value or {})
    raise ProjectError(
        [f"{key} is {as_json(value)}; expected an object, to which the packages are added"]
    )

"""The packages of a topology in Storm's blob store: what is built, what its settings say, and what is refused."""

from __future__ import annotations

import platform
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest

from streamparse import __version__
from streamparse.cli.sparse import main
from streamparse.cluster.blob_packages import BlobPackages
from streamparse.project import Project
from tests.support.nimbus_server import HangUp, NimbusServer, serving
from tests.support.ssh_project import wheel
from tests.support.submit_project import SubmitProject, sparse_lines

PYTHON = "python{}.{}".format(*sys.version_info)
MACHINE = f"linux_{platform.machine()}"


@pytest.fixture
def project(submit_project: SubmitProject) -> SubmitProject:
    """The project for a cluster with a blob store, whose index has a package of its own."""
    index = submit_project.directory / "index"
    wheel(index / "simplejson", "simplejson", "3.99", {"simplejson/__init__.py": "loads = print\n"})
    pets = {"pets/__init__.py": "NAMES = ['nathan']\n", "own.pth": "import no_such_module\n"}
    wheel(index / "pets", "pets", "1.0", pets)
    for each in ("simplejson", "pets"):
        file = next((index / each).glob("*.whl")).name
        (index / each / "index.html").write_text(f'<a href="{file}">{file}</a>\n')
    submit_project.write(
        "virtualenvs/words.txt",
        f"--index-url file://{index}\nstreamparse\nsimplejson==3.99\npets\n",
    )
    return submit_project


def config(project: SubmitProject, port: int, **settings: object) -> None:
    """Neither workers nor a place for virtualenvs: nobody is reached by ssh."""
    project.config(
        nimbus=f"127.0.0.1:{port}",
        workers=None,
        virtualenv_root=None,
        virtualenv="blobstore",
        submit="thrift",
        platform=MACHINE,
        **settings,
    )


@pytest.fixture
def served(project: SubmitProject) -> Iterator[NimbusServer]:
    """A cluster that the project is for, without a blob."""
    cluster = NimbusServer(quits=True)
    with serving(cluster) as port:
        config(project, port)
        yield cluster


def packages() -> BlobPackages:
    """Those of the project in the working directory."""
    return BlobPackages(Project().environment(), "words", Path("virtualenvs", "words.txt"))


def unpacked(cluster: NimbusServer, conf: Mapping[str, object], directory: Path) -> Path:
    """What a supervisor makes of the blobs that a topology names; returns its directory of resources."""
    blobs = conf["topology.blobstore.map"]
    assert isinstance(blobs, dict)
    for key, how in blobs.items():
        content = cluster.blobs[key]
        assert content is not None
        assert how["uncompress"] is True
        with zipfile.ZipFile(BytesIO(content)) as archive:
            archive.extractall(directory / how["localname"])
    (directory / "resources").mkdir()
    return directory / "resources"


def test_components_import_from_the_blob_and_the_next_submit_uses_it_again(
    project: SubmitProject,
    served: NimbusServer,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    key = packages().key
    status, lines = sparse_lines(capsys, "submit")
    megabytes = len(served.blobs[key] or b"") / 1e6
    assert (status, lines) == (
        0,
        [
            "the jar has the files of src/, 1 kB",
            f"building the packages: pip of {sys.executable} takes streamparse {__version__} and the requirements",
            "warning: own.pth has no effect on a worker; Python reads it among installed packages only",
            f"uploading the packages for {PYTHON} on {MACHINE}, {megabytes:.1f} MB",
            "uploading the jar",
            "submitting words to prod",
            "words is submitted; `sparse list -e prod` shows it",
        ],
    )
    (found,) = served.submitted
    here = tmp_path_factory.mktemp("supervisor")
    resources = unpacked(served, found.conf, here)
    assert found.conf["topology.python.path"] == PYTHON
    variables = found.conf["topology.environment"]
    assert isinstance(variables, dict)
    program = (
        "import pets, simplejson, streamparse, streamparse.run as run; "
        "print(*(each.__file__ for each in (pets, simplejson, streamparse, run)), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=resources,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    names = ("pets/__init__", "simplejson/__init__", "streamparse/__init__", "streamparse/run")
    assert [str(Path(line).resolve()) for line in done.stdout.splitlines()] == [
        str(here / "streamparse_packages" / f"{name}.py") for name in names
    ]

    before = dict(served.blobs)
    status, lines = sparse_lines(capsys, "submit", "-f", "--wait", "0")
    assert (status, lines[1], served.blobs == before) == (
        0,
        f"the packages are there already, as {key}",
        True,
    )


def test_a_dry_run_says_where_the_packages_are_built_and_changes_nothing(
    project: SubmitProject, served: NimbusServer, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = sparse_lines(capsys, "submit", "--dry-run")
    key = packages().key
    there = lines[2].removeprefix("2. ")
    assert (status, lines[: lines.index("the settings that it is submitted with:")]) == (
        0,
        [
            "1. this machine",
            "     no pre_submit: neither tasks.py nor fabfile.py has one",
            f"2. {there}",
            "     ask whether words runs, and which Storm this is",
            "     see that this is Storm 1.0 or newer, with a blob store",
            "3. this machine",
            "     make the StormTopology of words, for the Storm that this is",
            "     put the files of src/ into a jar, and nothing else",
            f"4. {there}",
            f"     look for the blob {key}; unless it is there:",
            "5. this machine",
            f"     {sys.executable} -m pip install --no-compile --disable-pip-version-check --no-input "
            f"--target DIRECTORY streamparse-{__version__}-py3-none-any.whl -r requirements.txt",
            "     make a zip file of DIRECTORY",
            f"6. {there}",
            f"     store it as {key}",
            "     upload the jar",
            "     submit words",
            "     remove the other blobs streamparse-words-DIGEST.zip that no topology names",
            "7. this machine",
            "     no post_submit: neither tasks.py nor fabfile.py has one",
        ],
    )
    assert (served.blobs, served.submitted) == ({}, [])


def test_the_key_follows_what_decides_the_content(project: SubmitProject) -> None:
    config(project, 6627)
    keys = [packages().key, packages().key]
    requirements = project.directory / "virtualenvs" / "words.txt"
    requirements.write_text(requirements.read_text() + "pets==1.0\n")
    keys.append(packages().key)
    project.config(
        virtualenv="blobstore",
        submit="thrift",
        workers=None,
        nimbus="127.0.0.1:1",
        platform="linux_z",
    )
    keys.append(packages().key)
    assert (keys[0] == keys[1], len({*keys})) == (True, 3)


def test_the_settings_of_the_project_stay_beside_those_of_the_packages(
    project: SubmitProject,
) -> None:
    config(project, 6627)
    found = packages()
    own = {
        "topology.environment": {"PYTHONPATH": "/opt/own:/opt/more", "LANG": "C"},
        "topology.blobstore.map": {"table.csv": {"localname": "table.csv"}},
        "my.key": 1,
    }
    made = found.in_conf(own)
    assert (made, found.in_conf(made)) == (
        {
            "topology.environment": {
                "PYTHONPATH": "../streamparse_packages:/opt/own:/opt/more",
                "LANG": "C",
            },
            "topology.blobstore.map": {
                "table.csv": {"localname": "table.csv"},
                found.key: {"localname": "streamparse_packages", "uncompress": True},
            },
            "my.key": 1,
        },
        made,
    )


def test_with_leiningen_the_settings_are_the_same(
    project: SubmitProject, served: NimbusServer, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("topology.python.path", "topology.environment", "topology.blobstore.map")
    by_way = []
    for way in ("--thrift", "--lein"):
        _, lines = sparse_lines(capsys, "submit", "--dry-run", way)
        by_way.append([line for line in lines if line.strip().startswith(names)])
    assert (by_way[0] == by_way[1], len(by_way[0])) == (True, 3)


def test_blobs_of_older_submits_are_removed_that_no_topology_names(
    project: SubmitProject, served: NimbusServer, capsys: pytest.CaptureFixture[str]
) -> None:
    key = packages().key
    old, used = (f"streamparse-words-{digit * 12}.zip" for digit in "ab")
    others = ("streamparse-words-2-aaaaaaaaaaaa.zip", "streamparse-words-x.zip", "a.zip")
    served.blobs.update(dict.fromkeys((key, old, used, *others), b"x"))
    served.names.append("copy")
    served.confs["copy"] = {"topology.blobstore.map": {used: {}}}
    status, lines = sparse_lines(capsys, "submit")
    assert (status, lines[-2], {*served.blobs}) == (
        0,
        f"{old} is no longer used, and removed",
        {key, used, *others},
    )


def test_a_submit_that_fails_leaves_the_blob_of_the_running_topology(
    project: SubmitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(request: str) -> None:
        if request == "upload":
            raise HangUp

    cluster = NimbusServer(before=refuse)
    running = "streamparse-words-aaaaaaaaaaaa.zip"
    with serving(cluster) as port:
        config(project, port)
        cluster.blobs.update({packages().key: b"x", running: b"x"})
        status, _ = sparse_lines(capsys, "submit")
    assert (status, running in cluster.blobs, cluster.submitted) == (1, True, [])


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words", "error"),
    [
        (
            {"virtualenv_flags": f"-p {sys.executable} --system-site-packages"},
            (),
            'config.json: envs.prod.virtualenv_flags has --system-site-packages; expected only -p with "virtualenv": '
            '"blobstore", as in "-p python3.12"',
        ),
        (
            {"virtualenv_flags": "-p /no/such/python3"},
            (),
            "config.json: envs.prod.virtualenv_flags: no /no/such/python3 on this machine, where the packages for the "
            "blob store are built; expected a Python of the version that the workers have",
        ),
        (
            {},
            ("-o", "topology.python.path=/usr/bin/python3.1"),
            'topology.python.path is "/usr/bin/python3.1", and the packages are built for Python '
            f"{PYTHON.removeprefix('python')}; expected one version: -p in virtualenv_flags names that of the packages",
        ),
        (
            {"options": {"topology.environment": "LANG=C"}},
            (),
            'topology.environment is "LANG=C"; expected an object, to which the packages are added',
        ),
        (
            {"use_virtualenv": False},
            (),
            'config.json: envs.prod.use_virtualenv is false, and virtualenv is "blobstore"; leave one out',
        ),
        (
            {"virtualenv": "docker"},
            (),
            'config.json: envs.prod.virtualenv is "docker"; expected "ssh" or "blobstore"',
        ),
        (
            {"platform": "darwin"},
            (),
            'config.json: envs.prod.platform is "darwin"; expected linux_ and a machine, such as "linux_aarch64"',
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(
    project: SubmitProject,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, object],
    words: tuple[str, ...],
    error: str,
) -> None:
    given = {"virtualenv": "blobstore", "submit": "thrift", "workers": None, **settings}
    project.config(**given)
    assert (sparse_lines(capsys, "submit", *words), project.was_asked()) == (
        (2, [f"error: {error}"]),
        False,
    )


@pytest.mark.parametrize(("version", "shown"), [("0.10.2", "0.10.2"), ("0.9.4", "before 0.10")])
def test_a_storm_without_a_blob_store_is_refused_before_anything_is_done(
    project: SubmitProject, capsys: pytest.CaptureFixture[str], version: str, shown: str
) -> None:
    cluster = NimbusServer(version="" if version == "0.9.4" else version)
    with serving(cluster) as port:
        config(project, port)
        status, lines = sparse_lines(capsys, "submit")
    assert (status, lines[-1], cluster.uploads) == (
        1,
        f"error: nimbus 127.0.0.1:{port} runs Storm {shown}, which has no blob store; "
        'expected 1.0 or newer, or "virtualenv": "ssh"',
        {},
    )


def test_without_thriftpy2_the_one_line_says_what_needs_it(
    project: SubmitProject,
    served: NimbusServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "thriftpy2", None)  # as if it was not installed
    assert main(["submit", "--lein"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        'error: "virtualenv": "blobstore" needs thriftpy2, which is not installed: pip install thriftpy2'
    )

"""Packaging; the version lives in streamparse/__init__.py and nowhere else."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+?)"', (HERE / "streamparse/__init__.py").read_text())
assert VERSION is not None

TEST = [
    "coverage>=7.10",
    "hypothesis",
    "playwright>=1.40",
    "pytest>=9",
    "pytest-randomly",
    "pytest-xdist",
    "remote-pdb",
    "shtab",
    "thriftpy2>=0.5",
    "time-machine",
    "watchfiles",
    "zstandard>=0.18",
]

setup(
    name="streamparse",
    version=VERSION[1],
    description="Storm topologies in Python, and a simulator of Storm to test them",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=[
        *find_packages(include=["streamparse*", "simulator*", "pytest_streamparse*"]),
        "streamparse.jvm.clojure",  # no Python: the Clojure half, which `sparse` puts on class paths
    ],
    package_dir={"streamparse.jvm.clojure": "jvm/src"},
    include_package_data=True,
    package_data={
        "streamparse": ["py.typed"],
        "streamparse.jvm": ["storm_jars.txt"],
        "simulator": ["py.typed"],
        "simulator.page": ["files/*"],
        "pytest_streamparse": ["py.typed"],
        "streamparse.jvm.clojure": ["**/*.clj", "**/*.java", "**/*.xml"],
    },
    install_requires=[
        "simplejson>=3.19",
        "networkx>=2.8",
        "edn_format>=0.7.5",
        "msgspec>=0.18",
        "fabric>=3.0",
        "invoke>=2.0",
    ],
    extras_require={
        "docs": ["furo", "myst-parser>=4", "sphinx>=7.4"],
        "thrift": ["thriftpy2>=0.5"],
        "debug": ["remote-pdb"],
        "time": ["time-machine"],
        "completion": ["shtab"],
        "zstd": ["zstandard>=0.18"],
        "watch": ["watchfiles"],
        "test": TEST,
        "dev": [
            *TEST,
            "mypy",
            "ruff",
            "tox>=4",
            "types-networkx",
            "types-paramiko",
            "types-simplejson",
        ],
    },
    entry_points={
        "console_scripts": [
            "sparse = streamparse.cli.sparse:main",
            "streamparse = streamparse.cli.sparse:main",
            "streamparse_run = streamparse.run:main_of_3",
        ],
        "pytest11": ["streamparse = pytest_streamparse.plugin"],
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Framework :: Pytest",
        "Intended Audience :: Developers",
        "License :: OSI Approved :: Apache Software License",
        "Operating System :: POSIX",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Software Development :: Testing",
        "Topic :: System :: Distributed Computing",
        "Typing :: Typed",
    ],
)

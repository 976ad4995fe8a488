"""What ``simulate`` and ``capacity`` share: the environment, the clock, the hash seed, and surroundings."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from streamparse.cli import simulation_options
from streamparse.virtual_time import EPOCH
from tests.support.load_project import Sparse, shop, sparse, write_project
from tests.support.sparse import run

__all__ = ["shop", "sparse"]

MODES = pytest.mark.parametrize("mode", [[], ["--in-process"]], ids=["process", "inprocess"])
ENVIRONMENT = 'topology.environment={"COLOUR": "red"}'


def first_output(sparse: Sparse, *words: str) -> list[Any]:
    status, out, err = sparse("simulate", "-t", "0.003", "--json", *words)
    assert status == 0, err
    values: list[Any] = json.loads(out)["outputs"]["price"]["default"][0]
    return values


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of the processes that take the place of this one, which none does."""
    words: list[str] = []

    def execve(path: str, argv: list[str], env: dict[str, str]) -> None:
        words.append(f"PYTHONHASHSEED={env['PYTHONHASHSEED']} {' '.join(argv[1:])}")

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    return words


@pytest.mark.parametrize(
    ("argv", "again"),
    [
        (["sparse", "simulate", "--in-process"], ["PYTHONHASHSEED=0 -m x simulate --in-process"]),
        (["sparse", "capacity", "--in-process"], ["PYTHONHASHSEED=0 -m x capacity --in-process"]),
        (["pytest"], []),
    ],
)
def test_a_command_in_one_process_has_the_hash_seed_of_component_processes(
    argv: list[str], again: list[str], pinned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "x", *argv[1:]])
    simulation_options.pin_hash_seed()
    assert pinned == again
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    simulation_options.pin_hash_seed()
    assert pinned == again


@MODES
def test_the_environment_of_the_topology_reaches_components_and_nothing_else(
    sparse: Sparse, shop: Path, mode: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(shop, Prices="Speaks")
    monkeypatch.setenv("COLOUR", "blue")
    said = [first_output(sparse, *mode, *words)[0] for words in ([], ["-o", ENVIRONMENT])]
    assert (said, os.environ["COLOUR"]) == (["blue", "red"], "blue")


@MODES
def test_components_see_virtual_time_where_it_is_asked_for(
    sparse: Sparse, shop: Path, mode: list[str]
) -> None:
    write_project(shop, Prices="Speaks")
    _, seen = first_output(sparse, *mode, "--virtual-time")
    assert seen == pytest.approx(EPOCH, abs=1)
    _, seen = first_output(sparse, *mode)
    assert seen > EPOCH + 1 or seen < EPOCH


@pytest.mark.parametrize("command", ["simulate", "capacity", "explore"])
def test_virtual_time_needs_time_machine(
    sparse: Sparse, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(simulation_options, "find_spec", lambda name: None)
    assert sparse(command, "--virtual-time") == (
        2,
        "",
        "error: --virtual-time needs time-machine, which is not installed: pip install time-machine\n",
    )


@pytest.mark.parametrize("command", ["simulate", "capacity"])
@pytest.mark.parametrize("patience", ["-1", "1e9", "nan"])
def test_patience_is_a_number_of_seconds(sparse: Sparse, command: str, patience: str) -> None:
    status, out, err = sparse(command, "--patience", patience)
    assert (status, out) == (2, "")
    assert err == (
        f"error: --patience {float(patience):g}: expected seconds, at most 1000000; 0 is never\n"
    )


def test_files_of_rows_are_told_from_classes() -> None:
    stubs = ["s=rows.jsonl", "s=dir/rows", "s=rows.json", "s=shop.Numbers", "s=shop.Java[a,b]"]
    found = simulation_options.row_files(argparse.Namespace(stubs=stubs))
    assert found == ["rows.jsonl", "dir/rows", "rows.json"]


def test_without_virtual_time_there_is_no_clock() -> None:
    with simulation_options.virtual_clock(argparse.Namespace(virtual_time=False)) as clock:
        assert clock is None


def test_every_flag_has_help() -> None:
    parser = argparse.ArgumentParser()
    simulation_options.add_simulation_arguments(parser)
    assert [action.dest for action in parser._actions if not action.help] == []


@pytest.mark.parametrize("text", ["orders", "orders=", "=rows.jsonl"])
def test_a_stub_has_a_component_and_something_in_its_place(sparse: Sparse, text: str) -> None:
    assert sparse("capacity", "--stub", text) == (
        2,
        "",
        f"error: --stub {text}: expected ID=rows.jsonl or ID=package.module.Class\n",
    )


@pytest.mark.parametrize("name", ["a=b", "a:b@c", "words.x=1", "x=words"])
def test_a_component_is_named_whatever_signs_its_id_has(
    name: str, counting_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topology = counting_project / "topologies" / "words.clj"
    topology.write_text(topology.read_text().replace("count-bolt", name))
    for flags in (
        [
            f"--work={name}=3ms",
            f"--work={name}.tick=3ms",
            f"--crash={name}@1",
            f"--record={name}:3",
        ],
        [f"--stub={name}=bolts.CountBolt", f"--record={name}", f"--log-level={name}=debug"],
    ):
        status, _, err = run(capsys, "simulate", "--in-process", "-t", "1", *flags)
        assert (flags, status, err) == (flags, 0, err)

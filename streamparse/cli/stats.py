"""``sparse stats``: what Storm's UI knows of a cluster, of a topology on it, or of the components of one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING

from streamparse.cli.arguments import add_environment_argument
from streamparse.cli.cluster import environment_of, ui_of
from streamparse.cli.output import Cell, duration, printable, table
from streamparse.project import UsageError

if TYPE_CHECKING:
    from streamparse.cluster import StormUi, ui_records


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_environment_argument(parser)
    add(
        "-n", "--name", metavar="TOPOLOGY",
        help="a topology that runs there; default: the cluster, or with -c and --all the only topology of the project",
    )  # fmt: skip
    add("-c", "--component", metavar="ID", help="a spout or bolt of the topology")
    add("--all", action="store_true", help="every spout and bolt of the topology")
    add(
        "--json", action="store_true",
        help="a JSON object: cluster, supervisors and topologies, or topology and the components asked for",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print tables of the cluster, the topology or the components, or one JSON object."""
    if args.component is not None and args.all:
        raise UsageError(f"-c {args.component} and --all: one component, or all of them")
    project, environment = environment_of(args)
    name = args.name
    if name is None and (args.all or args.component is not None):
        name = project.topology_path().stem
    with ui_of(environment) as ui:
        data, text = _of_cluster(ui) if name is None else _of_topology(ui, name, args)
    print(json.dumps(data) if args.json else text)
    return 0


def _of_cluster(ui: StormUi) -> tuple[dict[str, object], str]:
    cluster, supervisors, topologies = ui.cluster(), ui.supervisors(), ui.topologies()
    data: dict[str, object] = {
        "cluster": asdict(cluster),
        "supervisors": [asdict(each) for each in supervisors],
        "topologies": [asdict(each) for each in topologies],
    }
    return data, cluster_text(cluster, supervisors, topologies)


def _of_topology(ui: StormUi, name: str, args: argparse.Namespace) -> tuple[dict[str, object], str]:
    topology = ui.topology(name)
    if not args.all and args.component is None:
        return {"topology": asdict(topology)}, topology_text(topology)
    wanted = [each.id for each in topology.components] if args.all else [args.component]
    components = [ui.component(topology, each) for each in wanted]
    data: dict[str, object] = {
        "topology": asdict(topology),
        "components": [asdict(each) for each in components],
    }
    texts = [topology_text(topology)] if args.all else []
    return data, "\n\n\n".join([*texts, *map(component_text, components)])


# -- pages -------------------------------------------------------------------------------------------------------


def cluster_text(
    cluster: ui_records.ClusterSummary,
    supervisors: Sequence[ui_records.Supervisor],
    topologies: Sequence[ui_records.TopologySummary],
) -> str:
    up = duration(cluster.nimbus_uptime_secs)
    return _page(
        _section(
            "Cluster",
            ["Storm", "nimbus uptime", "supervisors", *_SLOTS, "slots free", "executors", "tasks"],
            [
                [
                    cluster.storm_version, up, cluster.supervisors, cluster.slots_total, cluster.slots_used,
                    cluster.slots_free, cluster.executors, cluster.tasks,
                ]
            ],
        ),
        _section(
            "Supervisors",
            ["host", "uptime", *_SLOTS, "id"],
            [
                [each.host, duration(each.uptime_secs), each.slots_total, each.slots_used, each.id]
                for each in supervisors
            ],
        ),
        _section("Topologies", _TOPOLOGY, [_topology_row(each) for each in topologies]),
    )  # fmt: skip


def topology_text(topology: ui_records.Topology) -> str:
    errors = ((each.id, each.last_error) for each in topology.components)
    return _page(
        _section("Topology", _TOPOLOGY, [_topology_row(topology.summary)]),
        _section("Windows", ["time", *_STATS], [*map(_window_row, topology.windows)]),
        *(
            _section(
                title,
                ["id", "executors", "tasks", *_STATS],
                [[each.id, each.executors, each.tasks, *_stats(each.stats)] for each in components],
            )
            for title, components in (("Spouts", topology.spouts), ("Bolts", topology.bolts))
        ),
        *(_error(f"Last error of {name}", each) for name, each in errors if each is not None),
    )


def component_text(component: ui_records.Component) -> str:
    title = f"{(component.type or 'component').capitalize()} {printable(component.id)}"
    return _page(
        _section(title, ["executors", "tasks"], [[component.executors, component.tasks]]),
        _section("Windows", ["time", *_STATS], [*map(_window_row, component.windows)]),
        _section(
            "Inputs",
            ["component", "stream", *_STATS],
            [[each.component, each.stream, *_stats(each.stats)] for each in component.inputs],
        ),
        _section(
            "Outputs",
            ["stream", *_STATS],
            [[each.stream, *_stats(each.stats)] for each in component.outputs],
        ),
        _section(
            "Executors",
            ["id", "host", "port", "uptime", *_STATS],
            [
                [each.id, each.host, each.port, duration(each.uptime_secs), *_stats(each.stats)]
                for each in component.threads
            ],
        ),
        *(_error("Error", each) for each in component.errors),
    )


_SLOTS = ("slots", "slots used")
_TOPOLOGY = ("name", "status", "uptime", "workers", "executors", "tasks", "id")
_STATS = (
    "emitted", "transferred", "executed", "acked", "failed", "complete ms", "process ms", "execute ms", "capacity",
)  # fmt: skip


def _topology_row(each: ui_records.TopologySummary) -> list[Cell]:
    uptime = duration(each.uptime_secs)
    return [each.name, each.status, uptime, each.workers, each.executors, each.tasks, each.id]


def _window_row(each: ui_records.Window) -> list[Cell]:
    return ["all" if each.secs is None else f"last {duration(each.secs)}", *_stats(each.stats)]


def _stats(stats: ui_records.Stats) -> tuple[Cell, ...]:
    """The values in the order of ``_STATS``, which is that of the fields."""
    return astuple(stats)


def _section(title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table under its title, without empty columns."""
    if not rows:
        return ""
    shown = [at for at in range(len(headings)) if any(row[at] is not None for row in rows)]
    return f"{title}\n" + table(
        [headings[at] for at in shown], [[row[at] for at in shown] for row in rows]
    )


def _error(title: str, error: ui_records.ComponentError) -> str:
    ago = "" if error.secs_ago is None else f", {duration(error.secs_ago)} ago"
    where = f" on {printable(error.host)}:{error.port}" if error.host and error.port else ""
    lines = map(printable, error.message.rstrip().splitlines())
    return "\n".join([f"{title}{ago}{where}", *(f"    {line}".rstrip() for line in lines)])


def _page(*sections: str) -> str:
    return "\n\n".join(filter(None, sections))

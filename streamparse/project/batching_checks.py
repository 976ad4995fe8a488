"""Batching bolts whose batches are never processed: no ticks come, or the method that gathers is replaced."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamparse.project.class_texts import Class, Family, Kind, Sources
from streamparse.project.finding import Finding, shown_path


def check_gathering(family: Family) -> Iterator[Finding]:
    """Look for a batching bolt whose own ``process`` takes the place of the one that gathers batches."""
    methods = family.methods
    batching = next((each for each in family.library if "Batching" in each), None)
    if batching is None or not {"process", "process_batch"} <= methods.keys():
        return
    owner, process = methods["process"]
    calls = {each.attr for each in ast.walk(process) if isinstance(each, ast.Attribute)}
    if "process" not in calls:
        found = f"{owner.node.name}.process takes the place of {batching}.process, so process_batch is never called"
        yield Finding("warning", shown_path(owner.module.path), process.lineno, found,
                      "only group_key and process_batch", "or call super().process(tup)")  # fmt: skip


def batching_on_ticks(components: Mapping[str, tuple[str, Kind]], source_dir: Path) -> list[str]:
    """Return the ids of the components that are a BatchingBolt, which processes its batches when ticks come."""
    sources = Sources(source_dir)
    found = []
    for component, (name, _) in components.items():
        module_name, _, attribute = name.rpartition(".")
        meaning = sources.find(module_name, attribute)
        if isinstance(meaning, Class | str):
            family = sources.family(module_name, meaning)
            own = {"process", "_run", "run"} & family.methods.keys()
            if "BatchingBolt" in family.library and not own:
                found.append(component)
    return found

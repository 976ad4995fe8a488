"""The effect of each setting that a simulation reads; the reference in the documents is generated from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["SETTING_EFFECTS"]

#: In Markdown, by the name of the setting. All other settings are passed to the components and have no effect.
SETTING_EFFECTS: Final[Mapping[str, str]] = {
    "supervisor.worker.timeout.secs": (
        "Checked: a whole number of at least 1. How long a component may be silent, 30 s unless it is set: a component "
        "that is busy longer by `--work` dies, as its worker does. In a component's `:conf` it has no effect. In real "
        "time `--patience` is the limit."
    ),
    "topology.acker.executors": (
        "The number of tasks of `__acker`, which shifts the other task ids. `null`: as many as workers. 0: no tuple is "
        "tracked, and a reliable emit is acked at once."
    ),
    "topology.backpressure.enable": (
        "With work, in 1.x: `true` stops all spouts while a queue is nearly full. Without effect in other versions."
    ),
    "topology.debug": "`true`: the components log at level debug.",
    "topology.enable.message.timeouts": "`false`: no tuple times out.",
    "topology.disable.loadaware.messaging": (
        "`true`: a shuffle sends to all tasks, whatever their worker and executor. Without effect up to 0.10."
    ),
    "topology.environment": (
        "Variables of the components' environment, over that of the command or of the test. On a cluster the workers "
        "have them, and so the components; a LocalCluster ignores them."
    ),
    "topology.eventlogger.executors": (
        "The number of tasks of `__eventlogger`, which shifts the other task ids. No event logger runs."
    ),
    "topology.executor.receive.buffer.size": (
        "With work, the size of the receive queue in front of a bolt: from 2.0 on whoever emits to a full one waits "
        "(32,768 unless it is set); in 1.x with `topology.backpressure.enable` the spouts do."
    ),
    "topology.fall.back.on.java.serialization": (
        "`false`, with more than one worker: a value that Kryo does not know (a list, an object, a long float) kills "
        "the worker that sends it to another worker. The default depends on the version of Storm."
    ),
    "topology.kryo.register": "Refused in the `:conf` of a component, as Storm does. Otherwise no effect.",
    "topology.max.spout.pending": (
        "The limit of pending tuples of a spout's executor, times its tasks; no `next_tuple` is called while it is "
        "reached. `null`: no limit."
    ),
    "topology.max.task.parallelism": "The largest number of tasks that a component may have. `null`: no limit.",
    "topology.message.timeout.secs": (
        "The message timeout T: a tuple that is pending fails between T and 2T seconds after its emit, in virtual time."
    ),
    "topology.metrics.consumer.register": (
        "The metrics consumers get task ids, which shifts the other task ids. No metrics consumer runs."
    ),
    "topology.name": "Set by the simulator, from the topology file.",
    "topology.shellbolt.max.pending": (
        "Checked: a whole number of at least 1. With work, how many tuples wait between the receive queue and the pipe."
    ),
    "topology.subprocess.timeout.secs": (
        "Checked: a whole number of at least 1. From Storm 1.0 on it takes the place of "
        "`supervisor.worker.timeout.secs`."
    ),
    "topology.tasks": "The number of tasks of a component. `null`: as many as executors (`:p`).",
    "topology.tick.tuple.freq.secs": (
        "The seconds between the ticks of a bolt, in virtual time. `null`: no ticks. Spouts get none."
    ),
    "topology.workers": (
        "The number of workers that the executors are assigned to, in turn. A crash ends a whole worker."
    ),
}

"""The words of a topology's form, for messages: a Clojure file and a Python class write the same thing differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CLOJURE", "PYTHON", "Notation"]


@dataclass(frozen=True)
class Notation:
    """How one form writes the parts of a component.

    Attributes:
        parallelism: the name of the number of executors.
        parallelism_value: the number with its name; ``{}`` stands for it.
        conf: the name of a component's own settings.
        ticks: settings with which a bolt has ticks.
        subscription: an example of a bolt's inputs.
        direct: the direct grouping.
        no_direct: the way to declare a stream that is not direct.
        declare_direct: a direct stream; ``{}`` stands for its name.
        take_option: settings that take a value from the options; ``{}`` stands for the key.
    """

    parallelism: str
    parallelism_value: str
    conf: str
    ticks: str
    subscription: str
    direct: str
    no_direct: str
    declare_direct: str
    take_option: str


CLOJURE: Final = Notation(
    parallelism=":p",
    parallelism_value=":p {}",
    conf=":conf",
    ticks=':conf {"topology.tick.tuple.freq.secs" 1}',
    subscription='{"source" :shuffle}',
    direct=":direct",
    no_direct="without direct-stream",
    declare_direct="{{{} (direct-stream [...])}}",
    take_option=":conf {{{0} (get options {0})}} takes the option",
)

PYTHON: Final = Notation(
    parallelism="par",
    parallelism_value="par={}",
    conf="config",
    ticks='config={"topology.tick.tuple.freq.secs": 1}',
    subscription="inputs={source: Grouping.SHUFFLE}",
    direct="Grouping.DIRECT",
    no_direct="without direct=True",
    declare_direct="outputs = [Stream([...], name={}, direct=True)]",
    take_option="leave {0} out of config to have the option",
)

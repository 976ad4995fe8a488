"""The class that topologies derive from: its body holds the specs of the components.

Source of the rules: ``streamparse/dsl/topology.py`` of 3.16.0 to 5.0.1.
"""

from __future__ import annotations

from streamparse.dsl.component import ComponentSpec, class_without_call
from streamparse.dsl.mistakes import ClassMistakes, Mistake, kind_of
from streamparse.starting import Runnable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, ClassVar

__all__ = ["Topology", "TopologyType"]


class _Body(dict):  # type: ignore[type-arg]  # not subscripted: typing is not imported by components
    """The body of a class, which knows the specs that stand in it no more.

    Attributes:
        replaced: the specs whose attribute was set again, with the name of the attribute.
    """

    def __init__(self) -> None:
        super().__init__()
        self.replaced: list[tuple[str, ComponentSpec]] = []

    def __setitem__(self, name: str, value: object) -> None:
        before = self.get(name)
        if isinstance(before, ComponentSpec) and before is not value:
            self.replaced.append((name, before))
        super().__setitem__(name, value)


class TopologyType(type):
    """The type of topologies: it takes the specs out of the body of the class, and raises all mistakes in it.

    Attributes:
        specs: the specs of the body, in its order.
        suspicious: mistakes that streamparse passes over: a class whose ``spec()`` or whose call was
            forgotten, a list of specs, an attribute that is set twice.
    """

    specs: list[ComponentSpec]
    suspicious: list[Mistake]
    config: Any

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **keywords: Any) -> _Body:
        return _Body()

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> None:
        super().__init__(name, bases, body)
        cls.specs = []
        cls.suspicious = []
        mistakes = [*_collected(cls, body)]
        for attribute, spec in getattr(body, "replaced", ()):
            name = spec.component_class.__name__
            found = (
                f"{attribute} is set again below, so this {name} is no component of the topology"
            )
            remedy = "give each an attribute of its own"
            cls.suspicious.append(Mistake(found, remedy, line=spec.line))
        if "config" in body and not isinstance(body["config"], (dict, ComponentSpec, type(None))):
            found = f"the config of a topology is {kind_of(body['config'])}"
            mistakes.append(Mistake(found, "expected a dict of settings", part=("config",)))
        for spec in cls.specs:
            spec.mistakes += _strangers(cls, spec)
            for mistake in spec.mistakes:
                mistake.component = spec.id
            mistakes += spec.mistakes
        if mistakes:
            raise ClassMistakes(cls, mistakes)


def _collected(cls: TopologyType, body: Mapping[str, Any]) -> Iterator[Mistake]:
    """Take the specs of the body; yield the mistakes in what they are called."""
    by_id: dict[str, ComponentSpec] = {}
    for attribute, value in body.items():
        if isinstance(value, Runnable):
            name = type(value).__name__
            found = f"{attribute} is an instance of {name}"
            remedy = f"expected a spec: {name}.spec(...)"
            yield Mistake(found, remedy, part=("attribute", attribute), component=attribute)
        elif (owner := class_without_call(value)) and not attribute.startswith("_"):
            found = f"{attribute} is {kind_of(value)}, and so no component of the topology"
            remedy = f"{owner.__name__}.spec() makes it one"
            cls.suspicious.append(Mistake(found, remedy, part=("attribute", attribute)))
        elif _has_specs(value):
            kind = type(value).__name__
            found = f"{attribute} is a {kind} of specs, which are no components of the topology"
            remedy = "give each an attribute of its own"
            cls.suspicious.append(Mistake(found, remedy, part=("attribute", attribute)))
        elif isinstance(value, ComponentSpec):
            if value.attribute is not None and value in cls.specs:
                found = f"{attribute} and {value.attribute} are the same component"
                remedy = "call spec() for each"
                yield Mistake(found, remedy, part=("attribute", attribute), component=value.id)
                continue
            value.attribute = attribute
            value.name = value.id
            if value.id in by_id:
                found = f"the id is taken by {by_id[value.id].attribute}"
                remedy = "give it another, with name="
                yield Mistake(found, remedy, part=("attribute", attribute), component=value.id)
                continue
            by_id[value.id] = value
            cls.specs.append(value)


def _has_specs(value: object) -> bool:
    if isinstance(value, dict):
        value = [*value.values()]
    return isinstance(value, (list, tuple)) and any(
        isinstance(each, ComponentSpec) for each in value
    )


def _strangers(cls: TopologyType, spec: ComponentSpec) -> Iterator[Mistake]:
    """Yield the inputs whose component is none of this class, and take them out."""
    every, spec.inputs = [*zip(spec.input_numbers, spec.inputs, strict=True)], []
    spec.input_numbers = []
    for place, (stream, grouping) in every:
        source = stream.componentId
        if not isinstance(source, ComponentSpec) or source in cls.specs:
            spec.inputs.append((stream, grouping))
            spec.input_numbers.append(place)
            continue
        inherited = any(source in getattr(base, "specs", ()) for base in cls.__mro__[1:])
        found = f"an input is {source!r}, which is not in this class"
        remedy = (
            "only what stands in the body of the class itself counts: call spec() here again"
            if inherited
            else "expected a component of the same class: give it an attribute of its own"
        )
        yield Mistake(found, remedy, part=("inputs", place), line=spec.line)


class Topology(metaclass=TopologyType):
    """The base of topologies that are written as classes. Each attribute that is a spec is a component.

    Example::

        from streamparse import Grouping, Topology

        class WordCount(Topology):
            config = {"topology.message.timeout.secs": 60}
            word_spout = WordSpout.spec()
            count_bolt = WordCounter.spec(inputs={word_spout: Grouping.fields("word")}, par=2)

    Attributes:
        config: settings of the whole topology.
    """

    config: ClassVar[Any] = None

"""The state in which a submission leaves a cluster: changed by requests to Nimbus, and by their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["PROGRESS", "ClusterState", "State"]

#: The states in -ing last from a request to Nimbus until its answer.
State = Literal["untouched", "killing", "killed", "submitting", "submitted"]

#: What is reported when a submission reaches a step; a state that is entered is a step, too.
PROGRESS: Mapping[str, str] = {
    "checking": "Storm's Clojure reads {name}",
    "uploading": "uploading the jar",
    "killing": "killing the {name} that runs",
    "killed": "waiting until it is gone",
    "submitting": "submitting {name} to {environment}",
}


class ClusterState:
    """What a submission has done to a cluster so far.

    Attributes:
        now: the state.
    """

    def __init__(self) -> None:
        self.now: State = "untouched"
        self._before: State = "untouched"

    @property
    def is_asking(self) -> bool:
        """Nimbus has been asked for a change, and has not answered."""
        return self.now in ("killing", "submitting")

    def enter(self, state: State) -> None:
        """Go on to the next state."""
        self._before, self.now = self.now, state

    def refuse(self) -> None:
        """Go back: Nimbus has answered that it did not make the change."""
        self.now = self._before

    def settle(self, found: str | None) -> None:
        """Find out whether a change without an answer was made.

        Args:
            found: the topology's status, asked for after the change; None when there is none of its name.
        """
        if self.now == "killing":
            self.now = "killed" if found in (None, "KILLED") else self._before
        elif self.now == "submitting":
            self.now = self._before if found is None else "submitted"

    def outcome(self, name: str, environment: str, again: str, *, force: bool) -> str:
        """Return the state in words, and the command that finishes the work.

        Args:
            name: of the topology.
            environment: the name of the cluster.
            again: the command of this submission, without ``-f``.
            force: a running topology of this name was to be killed.
        """
        look = f"`sparse list -e {environment}` shows it"
        return {
            "untouched": f"no topology was touched; `{again}{' -f' * force}` begins again",
            "killing": f"the old {name} may or may not have been killed; {look} if it was not",
            "killed": f"the old {name} is killed and the new one is not submitted; `{again} -f` finishes it",
            "submitting": f"{name} may or may not have been submitted; {look} if it was",
            "submitted": f"{name} is submitted; {look}",
        }[self.now]

"""``sparse kill``: which topology is stopped, and how long it has."""

from __future__ import annotations

import pytest
from thriftpy2.transport import TTransportException

from tests.support.cluster_command import ClusterCommand
from tests.support.nimbus_server import NimbusServer, serving


def test_kill_stops_a_topology_that_has_no_file_here(sparse_at_nimbus: ClusterCommand) -> None:
    cluster = NimbusServer("wordcount", "clicks")
    with serving(cluster) as port:
        status, out, err = sparse_at_nimbus(port, "kill", "clicks", "--wait", "30")
    assert (status, cluster.killed, err) == (0, [("clicks", 30)], "")
    assert out == (
        f"killing clicks on prod (127.0.0.1:{port})\nclicks is killed; its workers end in 30 s\n"
    )


@pytest.mark.parametrize("words", [[], ["-n", "wordcount"], ["wordcount", "--name", "wordcount"]])
def test_kill_takes_the_projects_topology_and_waits_5_s_when_nothing_else_is_said(
    sparse_at_nimbus: ClusterCommand, words: list[str]
) -> None:
    cluster = NimbusServer("wordcount", "clicks")
    with serving(cluster) as port:
        assert sparse_at_nimbus(port, "kill", *words)[0] == 0
    assert cluster.killed == [("wordcount", 5)]


@pytest.mark.parametrize(
    ("running", "remedy"),
    [
        (["wordcount", "clicks"], 'did you mean "wordcount"?'),
        (["clicks", "abuse"], "there are abuse, clicks"),
        ([*"abcdefghij"], "there are a, b, c, d, e, f, g, h and 2 more"),
        ([], "there is none"),
    ],
)
def test_kill_of_what_does_not_run_names_the_nearest_that_does(
    sparse_at_nimbus: ClusterCommand, running: list[str], remedy: str
) -> None:
    with serving(NimbusServer(*running)) as port:
        status, _, err = sparse_at_nimbus(port, "kill", "wordcout")
    assert (status, err) == (1, f'error: topology "wordcout" is not running; {remedy}\n')


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["a", "-n", "b"], "a and -n b: one topology at a time"),
        (["a", "--wait", "-1"], "--wait -1: expected at least 0"),
        ([""], "the name of a topology is empty; `sparse list` shows those that run"),
    ],
)
def test_kill_refuses_a_command_line_that_is_no_good_and_asks_nobody(
    sparse_at_nimbus: ClusterCommand, words: list[str], error: str
) -> None:
    assert sparse_at_nimbus(1, "kill", *words) == (2, "", f"error: {error}\n")


class Lossy(NimbusServer):
    """A Nimbus that goes away instead of an answer to a kill, before or after it has done it."""

    def __init__(self, *names: str, does_it: bool, comes_back: bool) -> None:
        super().__init__(*names)
        self._does_it, self._comes_back, self._is_gone = does_it, comes_back, False

    def getClusterInfo(self) -> object:
        if self._is_gone:
            raise TTransportException(message="gone")
        return super().getClusterInfo()

    def killTopologyWithOpts(self, name: str, options: object) -> None:
        if self._does_it:
            super().killTopologyWithOpts(name, options)
        self._is_gone = not self._comes_back
        raise TTransportException(message="gone")


@pytest.mark.parametrize(
    ("cluster", "outcome"),
    [
        (Lossy("wordcount", does_it=True, comes_back=True), None),
        (
            Lossy("wordcount", does_it=False, comes_back=True),
            "wordcount was not killed, and is ACTIVE",
        ),
        (
            Lossy("wordcount", does_it=True, comes_back=False),
            "wordcount may or may not have been killed; `sparse list` shows it if it was not",
        ),
    ],
)
def test_after_a_kill_without_an_answer_nimbus_is_asked_what_became_of_it(
    sparse_at_nimbus: ClusterCommand, cluster: Lossy, outcome: str | None
) -> None:
    with serving(cluster) as port:
        status, out, err = sparse_at_nimbus(port, "kill", "wordcount")
    if outcome is None:
        assert (status, out.splitlines()[-1]) == (0, "wordcount is killed; its workers end in 5 s")
    else:
        assert (status, err.count("\n"), err.endswith(f"; {outcome}\n")) == (1, 1, True)

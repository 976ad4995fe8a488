"""``sparse kill``: which topology is stopped, and how long it has."""

from __future__ import annotations

import pytest

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

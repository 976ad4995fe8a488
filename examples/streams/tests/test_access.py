"""What can be read goes one way, what cannot another."""

from access import ParseBolt

OUTPUTS = {"default": ["user", "page"], "errors": ["line", "reason"]}


def test_a_line_goes_to_its_stream(storm):
    bolt = storm.bolt(ParseBolt, inputs=["line"], outputs=OUTPUTS)
    assert bolt.process(["ann /home"]).emitted.on("default") == [["ann", "/home"]]
    assert bolt.process(["ann"]).emitted.on("errors") == [["ann", "no page"]]
    assert bolt.process([""]).emitted.on("errors") == [["", "empty"]]
    assert bolt.emitted.on("default") == [["ann", "/home"]]


def test_errors_are_counted_apart(storm):
    lines = [["ann /home"], ["ann"], ["ann /cart"], [""], ["bob"]]
    topology = storm.topology("streams", spouts={"line-spout": lines})
    topology.complete()
    assert topology["errors-bolt"].emitted.last_by("reason") == {"no page": 2, "empty": 1}
    assert topology["visits-bolt"].emitted.last_by("user") == {"ann": "/cart /home"}
    assert topology["parse-bolt"].on("errors") == storm.any_order(
        [["ann", "no page"], ["", "empty"], ["bob", "no page"]]
    )

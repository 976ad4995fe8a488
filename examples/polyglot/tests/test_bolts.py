"""Bolts in bash and JavaScript are tested as bolts in Python are."""

WORDS = ["the big dog", "the dog"]


def test_bash_splits(storm):
    bolt = storm.bolt(command=["bash", "split.sh"], inputs=["sentence"], outputs=["word"])
    assert bolt.process(["the big dog"]).emitted == [["the"], ["big"], ["dog"]]
    assert bolt.process(['say "woof"\\n']).emitted == [["say"], ['"woof"\\n']]


def test_bash_fails_what_is_no_sentence(storm):
    result = storm.bolt("polyglot:split-bolt").process([7])
    assert (result.emitted, result.failed) == ([], [[7]])


def test_javascript_counts(storm):
    bolt = storm.bolt("polyglot:count-bolt")
    assert [bolt.process([word]).emitted[0] for word in ["dog", "cat", "dog"]] == [
        ["dog", 1],
        ["cat", 1],
        ["dog", 2],
    ]


def test_both_keep_the_protocol(storm):
    for bolt in ["polyglot:split-bolt", "polyglot:count-bolt"]:
        assert storm.bolt(bolt).conformance() == []


def test_three_languages_are_one_topology(storm):
    topology = storm.topology("polyglot", spouts={"sentence-spout": [[each] for each in WORDS]})
    topology.complete()
    assert topology["count-bolt"].emitted.last_by("word") == {"the": 2, "big": 1, "dog": 2}

"""Tests of the topology in the in-process simulator of Storm: `pytest` runs them, without a JVM."""

from bolts.wordcount import WordCounter
from spouts.words import WordSpout

WORDS = [["dog"], ["cat"], ["dog"], ["zebra"], ["dog"]]


def test_a_bolt_counts_each_word(storm):
    bolt = storm.bolt(WordCounter, inputs=["word"], outputs=["word", "count"])
    assert bolt.process(["dog"]).emitted == [["dog", 1]]
    assert bolt.process(["cat"]).emitted == [["cat", 1]]
    result = bolt.process(["dog"])
    assert result.emitted == [["dog", 2]]
    assert result.acked == [["dog"]]


def test_the_spout_gives_each_word_an_id_of_its_own(storm):
    spout = storm.spout(WordSpout, outputs=["word"])
    emitted = [spout.next_tuple().emitted[0] for _ in range(5)]
    assert emitted == [["dog"], ["cat"], ["zebra"], ["elephant"], ["dog"]]
    assert [each.id for each in emitted] == [0, 1, 2, 3, 4]


def test_two_counters_count_as_one(storm):
    # The whole topology; these words replace the spout.
    topology = storm.topology("wordcount", spouts={"word-spout": WORDS})
    topology.complete()
    assert topology["count-bolt"].emitted.last_by("word") == {"dog": 3, "cat": 1, "zebra": 1}
    assert topology["word-spout"].acked == [0, 1, 2, 3, 4]


def test_every_word_is_acked_though_a_counter_dies(storm):
    topology = storm.topology("wordcount", spouts={"word-spout": storm.feed(WORDS, retries=3)})
    topology["count-bolt"].crash(before="ack", nth=2)
    topology.complete()
    assert topology["word-spout"].acked == [0, 1, 2, 3, 4]
    # Its counts were in memory and are lost. If they matter, keep them outside the process.
    assert topology["count-bolt"].restarts == 1

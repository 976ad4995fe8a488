"""Sentences into words, words into counts."""

from bolts import SplitBolt

SENTENCES = [["the dog"], ["the cat and the dog"]]


def test_a_sentence_is_split(storm):
    bolt = storm.bolt(SplitBolt, inputs=["sentence"], outputs=["word"])
    assert bolt.process(["the  big dog"]).emitted == [["the"], ["big"], ["dog"]]


def test_a_sentence_is_acked_when_all_its_words_are_counted(storm):
    topology = storm.topology("sentences", spouts={"sentence-spout": SENTENCES})
    topology["count-bolt"].drop(nth=2)  # one word is lost, and its sentence with it
    topology.advance(120)
    assert len(topology["sentence-spout"].acked) == len(topology["sentence-spout"].failed) == 1


def test_the_same_word_reaches_the_same_counter(storm):
    topology = storm.topology(
        "sentences", spouts={"sentence-spout": SENTENCES}, parallelism={"count-bolt": 4}
    )
    topology.complete()
    counter = topology["count-bolt"]
    assert counter.emitted.last_by("word") == {"the": 3, "dog": 2, "cat": 1, "and": 1}
    assert counter.received.tasks_by("word")["the"] == {counter.task_for(word="the")}

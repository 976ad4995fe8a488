"""Means per sensor and batch, without waiting for a tick."""

from sensors import MeanBolt, ReadingSpout


def test_a_batch_is_averaged_per_sensor_at_the_second_tick(storm):
    bolt = storm.bolt("batching:mean-bolt")  # ticked every second: the topology's file says so
    for reading in [["a", 20], ["b", 30], ["a", 21]]:
        assert bolt.process(reading).emitted == []
    assert bolt.advance(1).emitted == []
    result = bolt.advance(1)
    assert result.emitted == storm.any_order([["a", 20.5, 2], ["b", 30.0, 1]])
    assert len(result.acked) == 3


def test_a_batch_that_fails_fails_all_its_readings(storm):
    bolt = storm.bolt(
        MeanBolt, inputs=["sensor", "celsius"], outputs=["sensor", "mean", "readings"]
    )
    bolt.process(["a", 20])
    bolt.process(["a", "warm"])
    bolt.tick()
    assert bolt.tick(check=False).failed == [["a", 20], ["a", "warm"]]


def test_every_reading_is_in_one_batch(storm):
    topology = storm.topology("batching", spouts={"reading-spout": ReadingSpout})
    topology.complete()
    assert sum(each["readings"] for each in topology["mean-bolt"].emitted) == 3000
    assert len(topology["reading-spout"].acked) == 3000

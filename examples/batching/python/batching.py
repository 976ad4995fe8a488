from sensors import MeanBolt, ReadingSpout

from streamparse import Grouping, Topology


class Batching(Topology):
    reading_spout = ReadingSpout.spec(
        name="reading-spout",
        outputs=["sensor", "celsius"],
    )
    mean_bolt = MeanBolt.spec(
        name="mean-bolt",
        inputs={
            reading_spout: Grouping.fields("sensor"),
        },
        par=2,
        config={"topology.tick.tuple.freq.secs": 1},
        outputs=["sensor", "mean", "readings"],
    )

from spouts import SentenceSpout

from streamparse import Grouping, ShellBolt, Topology


class Polyglot(Topology):
    sentence_spout = SentenceSpout.spec(name="sentence-spout", outputs=["sentence"])
    split_bolt = ShellBolt.spec(
        name="split-bolt",
        command="bash",
        script="split.sh",
        inputs={
            sentence_spout: Grouping.SHUFFLE,
        },
        outputs=["word"],
    )
    count_bolt = ShellBolt.spec(
        name="count-bolt",
        command="node",
        script="count.js",
        inputs={
            split_bolt: Grouping.fields("word"),
        },
        par=2,
        outputs=["word", "count"],
    )

"""A serialized Java object, and a serialized grouping."""

from spouts import WordSpout

from streamparse import Grouping, JavaBolt, Topology


class JavaSerialized(Topology):
    word_spout = WordSpout.spec()
    java = JavaBolt.spec(
        serialized_java=b"\xac\xed",
        inputs={word_spout: Grouping.custom_serialized(b"\xac\xed")},
        outputs=["word"],
    )

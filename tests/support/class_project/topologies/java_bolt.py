"""A bolt in Java."""

from spouts import WordSpout

from streamparse import JavaBolt, Topology


class JavaBolt(Topology):
    word_spout = WordSpout.spec()
    java = JavaBolt.spec(
        name="java-bolt", full_class_name="my.Bolt", inputs=[word_spout], outputs=["word"]
    )

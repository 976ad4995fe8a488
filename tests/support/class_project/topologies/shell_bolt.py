"""A bolt that is a program."""

from spouts import WordSpout

from streamparse import ShellBolt, Topology


class ShellBolt(Topology):
    word_spout = WordSpout.spec()
    shell = ShellBolt.spec(
        command="python", script="shell_bolt.py", inputs=[word_spout], outputs=["kind", "word"]
    )

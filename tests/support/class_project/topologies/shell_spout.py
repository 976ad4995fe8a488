"""A spout that is a program."""

from bolts import Upper

from streamparse import ShellSpout, Topology


class ShellSpout(Topology):
    shell = ShellSpout.spec(command="python", script="shell_spout.py", outputs=["word"])
    upper = Upper.spec(inputs=[shell])

"""A spout in Java."""

from bolts import Upper

from streamparse import JavaSpout, Topology


class JavaSpout(Topology):
    java = JavaSpout.spec(full_class_name="my.Spout", args_list=["a", 1, True], outputs=["word"])
    upper = Upper.spec(inputs=[java])

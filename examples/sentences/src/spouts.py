"""Where the sentences come from."""

from streamparse import Spout

SENTENCES = [
    "the cow jumped over the moon",
    "an apple a day keeps the doctor away",
    "four score and seven years ago",
    "snow white and the seven dwarfs",
]


class SentenceSpout(Spout):
    """Emits each sentence once, with its number as message id."""

    def initialize(self, storm_conf, context):
        self.left = list(enumerate(SENTENCES))

    def next_tuple(self):
        if self.left:
            number, sentence = self.left.pop(0)
            self.emit([sentence], tup_id=number)

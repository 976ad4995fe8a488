"""Readings, averaged per sensor and batch."""

from streamparse import BatchingBolt, Spout

READINGS = 3000


class ReadingSpout(Spout):
    """Emits a reading a turn; a turn takes a millisecond, so this lasts three seconds."""

    def initialize(self, storm_conf, context):
        self.sent = 0

    def next_tuple(self):
        if self.sent < READINGS:
            self.emit([f"sensor-{self.sent % 3}", 20 + self.sent % 7], tup_id=self.sent)
            self.sent += 1


class MeanBolt(BatchingBolt):
    """Emits the mean of each sensor's readings since the last batch."""

    def group_key(self, tup):
        return tup.values[0]

    def process_batch(self, key, tups):
        readings = [tup.values[1] for tup in tups]
        self.emit([key, round(sum(readings) / len(readings), 2), len(readings)])

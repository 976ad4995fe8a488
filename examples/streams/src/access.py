"""Access lines, sorted into two streams."""

from collections import Counter, defaultdict

from streamparse import Bolt, Spout

LINES = ["ann /home", "bob /home", "ann", "ann /cart", "", "bob /cart", "ann /home", "? ?"]


class LineSpout(Spout):
    """Emits each line once."""

    def initialize(self, storm_conf, context):
        self.left = list(enumerate(LINES))

    def next_tuple(self):
        if self.left:
            number, line = self.left.pop(0)
            self.emit([line], tup_id=number)


class ParseBolt(Bolt):
    """Emits user and page on the default stream, and on "errors" what is no such line."""

    def process(self, tup):
        line = tup.values[0]
        user, _, page = line.partition(" ")
        if not line:
            self.emit([line, "empty"], stream="errors")
        elif not page.startswith("/"):
            self.emit([line, "no page"], stream="errors")
        else:
            self.emit([user, page])


class VisitsBolt(Bolt):
    """Emits a user with the pages seen so far."""

    def initialize(self, storm_conf, context):
        self.pages = defaultdict(set)

    def process(self, tup):
        user, page = tup.values
        self.pages[user].add(page)
        self.emit([user, " ".join(sorted(self.pages[user]))])


class ErrorsBolt(Bolt):
    """Counts reasons."""

    def initialize(self, storm_conf, context):
        self.counts = Counter()

    def process(self, tup):
        reason = tup.values[1]
        self.counts[reason] += 1
        self.emit([reason, self.counts[reason]])

"""A bolt that is started as a program."""

from streamparse.bolt import Bolt


class Shell(Bolt):
    def process(self, tup):
        self.emit(["shell", *tup.values])


if __name__ == "__main__":
    Shell().run()

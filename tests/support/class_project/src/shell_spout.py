"""A spout that is started as a program."""

from spouts import WordSpout

if __name__ == "__main__":
    WordSpout().run()

(ns three
  (:use [streamparse.specs]))

(defn three [options]
  [{"words" (python-spout-spec options "spouts.words.WordSpout" ["word"])} {} {}])

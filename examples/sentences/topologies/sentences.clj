(ns sentences
  (:use [streamparse.specs])
  (:gen-class))

(defn sentences [options]
  [
    {"sentence-spout" (python-spout-spec
          options
          "spouts.SentenceSpout"
          ["sentence"])}

    {"split-bolt" (python-bolt-spec
          options
          {"sentence-spout" :shuffle}
          "bolts.SplitBolt"
          ["word"])
     ;; By word: the same word always reaches the same of the two counters.
     "count-bolt" (python-bolt-spec
          options
          {"split-bolt" ["word"]}
          "bolts.CountBolt"
          ["word" "count"]
          :p 2)}])

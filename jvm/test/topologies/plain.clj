(ns plain
  (:use [streamparse.specs]))

(def plain
  [{"words" (python-spout-spec {} "spouts.words.WordSpout" ["word"])}
   {"count" (python-bolt-spec {} {"words" :shuffle} "bolts.wordcount.WordCounter" ["word" "count"])}])

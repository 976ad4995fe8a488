(ns unknown
  (:use [streamparse.specs]))

(defn unknown [options]
  [{"words" (python-spout-spec options "spouts.words.WordSpout" ["word"])}
   {"count" (pyton-bolt-spec options {"words" :shuffle} "bolts.wordcount.WordCounter" ["word" "count"])}])

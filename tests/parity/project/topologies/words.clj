(ns words
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn words [options]
  [{"word-spout" (python-spout-spec options "scripted.spouts.Words" {"default" ["word"] "other" ["x"]})}
   {"count-bolt" (python-bolt-spec options {"word-spout" ["word"]} "scripted.bolts.Take" ["word" "count"]
                   :p 2
                   :conf {"my.key" 7
                          "topology.tick.tuple.freq.secs" 20
                          "topology.message.timeout.secs" 3})
    "Alert-bolt" (python-bolt-spec options {"word-spout" :shuffle} "scripted.bolts.Take" [])}])

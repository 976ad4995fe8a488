(ns batches
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn batches [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Keyed" ["key" "n"])}
   {"batch" (python-bolt-spec options {"spout" ["key"]} (get options "my.class") ["key" "count"] :p 2
              :conf {"topology.tick.tuple.freq.secs" 1})
    "sink" (python-bolt-spec options {"batch" ["key"]} "scripted.bolts.Take" [])}])

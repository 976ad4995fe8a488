(ns held-long
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn held-long [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Unanswered" ["n"])}
   {"sink" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.HoldLong" []
             :conf {"topology.tick.tuple.freq.secs" 1})}])

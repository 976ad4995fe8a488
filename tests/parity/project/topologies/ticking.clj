(ns ticking
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn ticking [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Unreliable" ["n"])}
   {"pair" (python-bolt-spec options {"spout" :all} "scripted.bolts.OnTicks" ["word"] :p 1 :conf {"topology.tasks" 2})
    "own" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" []
            :conf {"topology.tick.tuple.freq.secs" 2})
    "sink" (python-bolt-spec options {"pair" :shuffle} "scripted.bolts.Take" [])}])

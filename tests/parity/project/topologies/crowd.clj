(ns crowd
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn crowd [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Crowd" ["n"] :p 1
              :conf {"topology.tasks" 2 "topology.max.spout.pending" 2})}
   {"sink" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Hold" [])}])

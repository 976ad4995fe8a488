(ns held-pair
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn held-pair [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"] :p 1 :conf {"topology.tasks" 2})}
   {"sink" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Hold" [])}])

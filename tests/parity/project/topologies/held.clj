(ns held
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn held [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"sink" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Hold" [])}])

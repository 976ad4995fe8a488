(ns bad-same-id
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-same-id [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"spout" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [])}])

(ns bad-system-id
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-system-id [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"__bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [])}])

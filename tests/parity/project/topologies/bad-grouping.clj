(ns bad-grouping
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-grouping [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" :random} "scripted.bolts.Take" [])}])

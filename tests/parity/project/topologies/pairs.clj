(ns pairs
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn pairs [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Pairs" ["a" "b"])}
   {"by-a" (python-bolt-spec options {"spout" ["a"]} "scripted.bolts.Take" [] :p 3)
    "by-b" (python-bolt-spec options {"spout" ["b"]} "scripted.bolts.Take" [] :p 2)
    "by-ab" (python-bolt-spec options {"spout" ["a" "b"]} "scripted.bolts.Take" [] :p 3)
    "by-ba" (python-bolt-spec options {"spout" ["b" "a"]} "scripted.bolts.Take" [] :p 3)}])

(ns good-hint
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn good-hint [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" ["n"]} "scripted.bolts.Take" [] :parallelism-hint 2 :unknown 5)}])

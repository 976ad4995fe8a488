(ns diamond
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn diamond [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"left" (python-bolt-spec options {"spout" ["n"]} "scripted.bolts.Pass" ["n"] :p 2)
    "right" (python-bolt-spec options {"spout" :all} "scripted.bolts.Twice" ["n"] :p 2)
    "join" (python-bolt-spec options {"left" ["n"] "right" ["n"]} "scripted.bolts.Take" [] :p 3)}])

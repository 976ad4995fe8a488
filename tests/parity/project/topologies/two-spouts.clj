(ns two-spouts
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn two-spouts [options]
  [{"left" (python-spout-spec options "scripted.spouts.Joined" ["word"])
    "right" (python-spout-spec options "scripted.spouts.Joined" ["word"] :p 2)}
   {"sink" (python-bolt-spec options {"left" ["word"] "right" ["word"]} "scripted.bolts.Verdict" [] :p 2)}])

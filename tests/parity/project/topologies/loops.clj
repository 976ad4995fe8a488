(ns loops
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn loops [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"down" (python-bolt-spec options {"spout" ["n"] "down" ["n"]} "scripted.bolts.Countdown" ["n"] :p 2)}])

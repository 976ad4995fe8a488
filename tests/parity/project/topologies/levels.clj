(ns levels
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn levels [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Joined" ["word"])}
   {"first" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Splitter" ["word" "i"])
    "second" (python-bolt-spec options {"first" ["i"]} "scripted.bolts.Splitter" ["word" "i" "j"] :p 2)
    "third" (python-bolt-spec options {"second" ["i" "j"]} "scripted.bolts.Take" [] :p 3)}])

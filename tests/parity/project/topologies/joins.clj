(ns joins
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn joins [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Joined" ["word"])}
   {"join" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Join" ["first" "second"])
    "sink" (python-bolt-spec options {"join" ["first"]} "scripted.bolts.Verdict" [] :p 2)}])

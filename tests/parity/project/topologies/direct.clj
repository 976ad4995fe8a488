(ns direct
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn direct [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Direct" {"to" (direct-stream ["word"])})}
   {"first" (python-bolt-spec options {["spout" "to"] :direct} "scripted.bolts.Take" [] :p 2)
    "last" (python-bolt-spec options {["spout" "to"] :direct} "scripted.bolts.Take" [])}])

(ns fates
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn fates [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Fates" ["fate"])}
   {"mid" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Fate" {"default" ["fate"] "two" ["fate"]})
    "sink" (python-bolt-spec options {"mid" :shuffle ["mid" "two"] :all} "scripted.bolts.Ends" [] :p 2)}])

(ns bad-fields-twice
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-fields-twice [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n" "n"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [])}])

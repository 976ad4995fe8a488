(ns bad-source
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-source [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"nobody" :shuffle} "scripted.bolts.Take" [])}])

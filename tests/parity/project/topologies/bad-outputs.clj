(ns bad-outputs
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-outputs [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" nil)}])

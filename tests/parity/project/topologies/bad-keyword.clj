(ns bad-keyword
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-keyword [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [] :p)}])

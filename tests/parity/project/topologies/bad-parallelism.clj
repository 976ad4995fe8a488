(ns bad-parallelism
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-parallelism [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [] :p 0)}])

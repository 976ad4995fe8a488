(ns good-odd-ids
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn good-odd-ids [options]
  [{"a spout: odd.id" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"é bolt" (python-bolt-spec options {"a spout: odd.id" ["n"]} "scripted.bolts.Take" [] :p 2)}])

(ns good-nested-id
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn good-nested-id [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" [] ["spout" "default"] ["n"]} "scripted.bolts.Take" [] :p 3)}])

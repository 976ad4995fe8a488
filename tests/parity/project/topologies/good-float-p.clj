(ns good-float-p
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn good-float-p [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" ["n"]} "scripted.bolts.Take" [] :p 2.7)}])

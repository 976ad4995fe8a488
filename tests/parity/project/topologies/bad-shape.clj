(ns bad-shape
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-shape [options]
  {"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])})

(ns bad-symbol
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-symbol [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" fields)}
   {}])

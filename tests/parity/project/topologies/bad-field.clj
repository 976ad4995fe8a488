(ns bad-field
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-field [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" ["zz"]} "scripted.bolts.Take" [])}])

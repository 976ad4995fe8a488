(ns bad-grouping-text
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-grouping-text [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {"spout" "n"} "scripted.bolts.Take" [])}])

(ns bad-stream
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-stream [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (python-bolt-spec options {["spout" "err"] :shuffle} "scripted.bolts.Take" [])}])

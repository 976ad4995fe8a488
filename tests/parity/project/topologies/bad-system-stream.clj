(ns bad-system-stream
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-system-stream [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" {"default" ["n"] "__own" ["n"]})}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [])}])

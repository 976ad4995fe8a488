(ns bad-field-of-another-stream
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-field-of-another-stream [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" {"default" ["n"] "other" ["zz"]})}
   {"bolt" (python-bolt-spec options {"spout" ["zz"]} "scripted.bolts.Take" [])}])

(ns lonely
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn lonely [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Lonely" {"default" ["n"] "lonely" ["n"]})}
   {"sink" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [])}])

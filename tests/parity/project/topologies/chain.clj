(ns chain
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn chain [options]
  [{"spout" (python-spout-spec options (get options "my.class") ["n"])}
   {"first" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Pass" ["n"])
    "sink" (python-bolt-spec options {"first" ["n"]} "scripted.bolts.Take" [] :p 2)}])

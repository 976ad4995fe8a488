(ns one-bolt
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn one-bolt [options]
  [{"spout" (python-spout-spec options (get options "my.spout.class" "scripted.spouts.Words") ["word"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} (get options "my.class") ["word"])
    "last" (python-bolt-spec options {"bolt" ["word"]} "scripted.bolts.Take" [])}])

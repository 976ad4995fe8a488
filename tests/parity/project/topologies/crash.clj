(ns crash
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

;; Of two workers bolt and other share one, last and spout the other: executors are dealt in the order of their ids.
(defn crash [options]
  [{"spout" (python-spout-spec options (get options "my.spout.class") ["word"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} (get options "my.class") ["word"])
    "last" (python-bolt-spec options {"bolt" ["word"]} "scripted.bolts.Take" [])
    "other" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" []
                    :p (get options "my.others" 1))}])

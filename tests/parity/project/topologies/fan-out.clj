(ns fan-out
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn fan-out [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"z" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Take" [])
    "alert-bolt" (python-bolt-spec options {"spout" :all} "scripted.bolts.Take" [] :p 2)
    "count-bolt" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [] :p 2)
    "log-bolt" (python-bolt-spec options {"spout" nil} "scripted.bolts.Take" [])}])

(ns says
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn says [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Paced" ["word"])}
   {"bolt" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Says"
             {"default" ["word"] "unheard" ["word"] "to" (direct-stream ["word"])})
    "last" (python-bolt-spec options {"bolt" :shuffle ["bolt" "to"] :direct} "scripted.bolts.Take" [])}])

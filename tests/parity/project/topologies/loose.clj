(ns loose
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn loose [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Joined" ["word"])}
   {"mid" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Loose" ["word"])
    "anchored" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Pass" ["word"])
    "careless" (python-bolt-spec options {"mid" :shuffle} "scripted.bolts.Hold" [])
    "strict" (python-bolt-spec options {"anchored" :shuffle} "scripted.bolts.Verdict" [])}])

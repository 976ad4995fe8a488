(ns retried
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn retried [options]
  [{"spout" (python-spout-spec options (get options "my.class") ["word"])}
   {"sink" (python-bolt-spec options {"spout" :shuffle} "scripted.bolts.Forgetful" [])}])

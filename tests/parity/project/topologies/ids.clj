(ns ids
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn ids [options]
  [{"spout" (python-spout-spec options (get options "my.class") ["kind"])}
   {"sink" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])}])

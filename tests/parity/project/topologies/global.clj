(ns global
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn global [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"one" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [] :p 1)
    "two" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [] :p 2)
    "three" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [] :p 3)
    "five" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [] :p 5)}])

(ns keys
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn keys [options]
  [{"spout" (python-spout-spec options (get options "my.class") ["key"])}
   {"one" (python-bolt-spec options {"spout" ["key"]} "scripted.bolts.Take" [] :p 1)
    "two" (python-bolt-spec options {"spout" ["key"]} "scripted.bolts.Take" [] :p 2)
    "three" (python-bolt-spec options {"spout" ["key"]} "scripted.bolts.Take" [] :p 3)
    "five" (python-bolt-spec options {"spout" ["key"]} "scripted.bolts.Take" [] :p 5)}])

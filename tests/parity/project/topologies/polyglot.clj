(ns polyglot
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn polyglot [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Sentences" ["sentence"])}
   {"split" (shell-bolt-spec {"spout" :shuffle} ["bash" "split.sh"] ["word"])
    "count" (shell-bolt-spec {"split" ["word"]} ["node" "count.js"] ["word" "count"] :p 2)
    "sink" (python-bolt-spec options {"count" ["word"]} "scripted.bolts.Take" [])}])

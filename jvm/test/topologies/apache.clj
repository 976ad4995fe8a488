(ns apache
  (:use [streamparse.specs] [org.apache.storm.clojure])
  (:gen-class))

(defn apache [options]
  [{"words" (python-spout-spec options "spouts.words.WordSpout" ["word"])}
   {"count" (python-bolt-spec options {"words" ["word"]} "bolts.wordcount.WordCounter" ["word" "count"] :p 2)
    "say" (shell-bolt-spec {"count" :shuffle} ["bash" "say.sh"] {"default" ["x"] "odd" (direct-stream ["y"])})}])

(ns polyglot
  (:use [streamparse.specs]
        [org.apache.storm.clojure])
  (:gen-class))

(defn polyglot [options]
  [
    {"sentence-spout" (python-spout-spec
          options
          "spouts.SentenceSpout"
          ["sentence"])}

    ;; Anything that speaks multilang on stdin and stdout is a component.
    {"split-bolt" (shell-bolt-spec
          {"sentence-spout" :shuffle}
          ["bash" "split.sh"]
          ["word"])
     "count-bolt" (shell-bolt-spec
          {"split-bolt" ["word"]}
          ["node" "count.js"]
          ["word" "count"]
          :p 2)}])

(ns bad-command
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn bad-command [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"])}
   {"bolt" (shell-bolt-spec {"spout" :shuffle} "python" ["a"])}])

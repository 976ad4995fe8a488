(ns good-plain
  (:use [backtype.storm.clojure])
  (:gen-class))

(def command ["bash" "split.sh"])

(def good-plain
  [{"spout" (shell-spout-spec ["python" "-m" "streamparse.run" "scripted.spouts.Sentences"] ["sentence"])}
   {"split" (shell-bolt-spec {"spout" :shuffle} command ["word"])
    "again" (shell-bolt-spec {"split" nil} "bash" "split.sh" ["word"] :p 1)}])

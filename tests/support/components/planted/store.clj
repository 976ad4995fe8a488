(ns store (:use [streamparse.specs]))

(defn store [options]
  [{"rows" (python-spout-spec options "planted.components.Rows" ["n" "word"])}
   {"store-bolt" (python-bolt-spec options {"rows" :shuffle} "planted.components.SavesOnce" ["n" "word"] :p 2)}])

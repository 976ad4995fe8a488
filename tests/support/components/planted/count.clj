(ns count (:use [streamparse.specs]))

(defn count [options]
  [{"rows" (python-spout-spec options "planted.components.Rows" ["n" "word"])}
   {"count-bolt" (python-bolt-spec options {"rows" ["word"]} "planted.components.Counts" ["word" "count"] :p 2)}])

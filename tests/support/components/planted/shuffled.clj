; Wrong: two tasks count the same word, and each thinks it is alone.
(ns shuffled (:use [streamparse.specs]))

(defn shuffled [options]
  [{"rows" (python-spout-spec options "planted.components.Rows" ["n" "word"])}
   {"count-bolt" (python-bolt-spec options {"rows" :shuffle} "planted.components.Counts" ["word" "count"] :p 2)}])

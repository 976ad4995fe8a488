; Two tasks of a spout share the rows, and one task stores them.
(ns two-spouts (:use [streamparse.specs]))

(defn two-spouts [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"] :p 2)}
   {"store-bolt" (python-bolt-spec options {"orders" ["word"]} "tests.planted.parts.StoresAndEmits" ["n" "word"] :p 1)}])

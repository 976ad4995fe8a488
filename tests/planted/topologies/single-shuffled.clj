; Wrong: rows of a word meet only because there is one task.
(ns single-shuffled (:use [streamparse.specs]))

(defn single-shuffled [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"store-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.parts.StoresAndEmits" ["n" "word"] :p 1)}])

; Rows are stored by one task.
(ns single (:use [streamparse.specs]))

(defn single [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"store-bolt" (python-bolt-spec options {"orders" ["word"]} "tests.planted.parts.StoresAndEmits" ["n" "word"] :p 1)}])

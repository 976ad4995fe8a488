; Rows are stored by two tasks, each word by one of them.
(ns store (:use [streamparse.specs]))

(defn store [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"store-bolt" (python-bolt-spec options {"orders" ["word"]} "tests.planted.parts.StoresAndEmits" ["n" "word"] :p 2)}])

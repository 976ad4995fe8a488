; A bolt makes something of each row, and another one stores it.
(ns chain (:use [streamparse.specs]))

(defn chain [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"work-bolt" (python-bolt-spec options {"orders" ["word"]} "tests.planted.parts.Passes" ["key" "value"] :p 2)
    "store-bolt" (python-bolt-spec options {"work-bolt" ["key"]} "tests.planted.parts.Stores" [] :p 2)}])

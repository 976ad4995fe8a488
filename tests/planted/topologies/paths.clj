; Each row is stored over two paths, of which one is longer.
(ns paths (:use [streamparse.specs]))

(defn paths [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"fast-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.parts.Passes" ["n" "state"] :p 2)
    "check-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.parts.Passes" ["n" "word"] :p 2)
    "slow-bolt" (python-bolt-spec options {"check-bolt" :shuffle} "tests.planted.parts.Passes" ["n" "state"] :p 2)
    "store-bolt" (python-bolt-spec options {"fast-bolt" ["n"] "slow-bolt" ["n"]} "tests.planted.parts.Stores" [] :p 2)}])

; Every task gets the end of a file, and one task hears of all of them.
(ns ends (:use [streamparse.specs]))

(defn ends [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"work-bolt" (python-bolt-spec options {"orders" :all} "tests.planted.parts.Passes" ["n" "task"] :p 2)
    "store-bolt" (python-bolt-spec options {"work-bolt" ["n"]} "tests.planted.parts.Stores" [] :p 2)}])

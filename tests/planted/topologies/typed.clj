; Orders and payments with the same number belong together; in payments it is a text.
(ns typed (:use [streamparse.specs]))

(defn typed [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "item"])
    "payments" (python-spout-spec options "tests.planted.parts.Reads" ["n" "sum"])}
   {"read-bolt" (python-bolt-spec options {"payments" :shuffle} "tests.planted.parts.Passes" ["n" "sum"] :p 2)
    "join-bolt" (python-bolt-spec options {"orders" ["n"] "read-bolt" ["n"]} "tests.planted.parts.Passes" ["n" "joined"] :p 1)
    "store-bolt" (python-bolt-spec options {"join-bolt" ["n"]} "tests.planted.parts.Stores" [] :p 2)}])

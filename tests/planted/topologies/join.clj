; Orders and payments with the same number belong together.
(ns join (:use [streamparse.specs]))

(defn join [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "item"])
    "payments" (python-spout-spec options "tests.planted.parts.Reads" ["n" "sum"])}
   {"join-bolt" (python-bolt-spec options {"orders" ["n"] "payments" ["n"]} "tests.planted.parts.Passes" ["n" "joined"] :p 2)
    "store-bolt" (python-bolt-spec options {"join-bolt" ["n"]} "tests.planted.parts.Stores" [] :p 2)}])

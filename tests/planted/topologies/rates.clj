; Orders are priced by the rates of another spout.
(ns rates (:use [streamparse.specs]))

(defn rates [options]
  [{"rates" (python-spout-spec options "tests.planted.parts.Reads" ["word" "rate"])
    "orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"check-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.parts.Passes" ["n" "word"] :p 2)
    "price-bolt" (python-bolt-spec options {"rates" ["word"] "check-bolt" ["word"]} "tests.planted.parts.Stores" [] :p 2)}])

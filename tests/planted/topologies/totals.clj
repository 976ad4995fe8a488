; Two tasks gather the rows of all words, and one task for each word adds up what they have.
(ns totals (:use [streamparse.specs]))

(defn totals [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"work-bolt" (python-bolt-spec options {"orders" ["n"]} "tests.planted.parts.Passes" ["key" "value"] :p 2)
    "store-bolt" (python-bolt-spec options {"work-bolt" ["key"]} "tests.planted.parts.Stores" [] :p 2)}])

; A bolt asks itself about each row, and hands the row on with the answer.
(ns questions (:use [streamparse.specs]))

(defn questions [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"work-bolt" (python-bolt-spec options {"orders" ["n"] ["work-bolt" "again"] ["n"]} "tests.planted.parts.Passes"
                                  {"default" ["key" "value"] "again" ["n" "word"]} :p 2)
    "store-bolt" (python-bolt-spec options {"work-bolt" ["key"]} "tests.planted.parts.Stores" [] :p 2)}])

; A row that is not ready goes round once more before it is stored.
(ns loop (:use [streamparse.specs]))

(defn loop [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"work-bolt" (python-bolt-spec options {"orders" :shuffle ["work-bolt" "again"] :shuffle} "tests.planted.parts.Passes"
                                  {"default" ["key" "value"] "again" ["n" "word"]} :p 2)
    "store-bolt" (python-bolt-spec options {"work-bolt" ["key"]} "tests.planted.parts.Stores" [] :p 2)}])

; Two bolts send what belongs together to a task of the next, which they compute.
(ns two-dealers (:use [streamparse.specs]))

(defn two-dealers [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"deal-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.flow.DealsByNumber"
                                  {"parts" (direct-stream ["n" "word"])} :p 2)
    "pay-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.flow.DealsByNumber"
                                 {"parts" (direct-stream ["n" "word"])} :p 2)
    "shard-bolt" (python-bolt-spec options {["deal-bolt" "parts"] :direct ["pay-bolt" "parts"] :direct}
                                   "tests.planted.parts.StoresInShard" [] :p 2)}])

; One bolt sends each row to a task of the next that it chooses itself.
(ns dealt (:use [streamparse.specs]))

(defn dealt [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"deal-bolt" (python-bolt-spec options {"orders" ["word"]} "tests.planted.memory.Deals"
                                  {"parts" (direct-stream ["n" "word"])} :p 1)
    "shard-bolt" (python-bolt-spec options {["deal-bolt" "parts"] :direct} "tests.planted.parts.StoresInShard" [] :p 2)}])

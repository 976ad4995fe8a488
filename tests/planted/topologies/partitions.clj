; Two tasks of a spout read a partition each, and the rows of a partition meet in one task.
(ns partitions (:use [streamparse.specs]))

(defn partitions [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "partition"] :p 2)}
   {"shard-bolt" (python-bolt-spec options {"orders" ["partition"]} "tests.planted.parts.StoresInShard" [] :p 2)}])

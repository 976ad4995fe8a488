; Wrong: the rows of a partition meet only while each worker has one task of the bolt.
(ns partitions-local (:use [streamparse.specs]))

(defn partitions-local [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "partition"] :p 2)}
   {"shard-bolt" (python-bolt-spec options {"orders" :local-or-shuffle} "tests.planted.parts.StoresInShard" [] :p 2)}])

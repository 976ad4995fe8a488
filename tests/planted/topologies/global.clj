; All rows go to one task.
(ns global (:use [streamparse.specs]))

(defn global [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"store-bolt" (python-bolt-spec options {"orders" :global} "tests.planted.parts.Stores" [] :p 1)}])

; Rows of two sources, counted by the minute in one task.
(ns minutes (:use [streamparse.specs]))

(defn minutes [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "minute"])
    "payments" (python-spout-spec options "tests.planted.parts.Reads" ["n" "minute"])}
   {"store-bolt" (python-bolt-spec options {"orders" :global "payments" :global} "tests.planted.flow.Minutes" [] :p 1)}])

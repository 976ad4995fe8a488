; A spout that tells of each row when it is stored.
(ns confirmed (:use [streamparse.specs]))

(defn confirmed [options]
  [{"orders" (python-spout-spec options "tests.planted.flow.Confirms" {"default" ["n" "word"] "done" ["n" "state"]})}
   {"work-bolt" (python-bolt-spec options {"orders" ["word"]} "tests.planted.parts.Passes" ["n" "word"] :p 2)
    "store-bolt" (python-bolt-spec options {["orders" "done"] ["n"]} "tests.planted.parts.Stores" [] :p 2)}])

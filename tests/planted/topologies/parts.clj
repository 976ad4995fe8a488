; Parts of documents, which one task each puts together.
(ns parts (:use [streamparse.specs]))

(defn parts [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["document" "part" "of"])}
   {"work-bolt" (python-bolt-spec options {"orders" ["document"]} "tests.planted.parts.Passes" ["document" "parts"] :p 2)
    "store-bolt" (python-bolt-spec options {"work-bolt" ["document"]} "tests.planted.parts.Stores" [] :p 2)}])

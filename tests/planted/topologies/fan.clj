; Each row goes to two bolts: one emits it, the other sends a mail.
(ns fan (:use [streamparse.specs]))

(defn fan [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "word"])}
   {"price-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.parts.Passes" ["n" "word"] :p 2)
    "mail-bolt" (python-bolt-spec options {"orders" :shuffle} "tests.planted.parts.StoresAndEmits" ["n" "word"] :p 2)}])

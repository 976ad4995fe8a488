(ns wordcount
  (:use [streamparse.specs])
  (:gen-class))

(defn wordcount [options]
  [
    ;; the spouts
    {"word-spout" (python-spout-spec
          options
          "spouts.words.WordSpout"     ; class WordSpout in src/spouts/words.py
          ["word"])}                   ; the fields it emits

    ;; the bolts
    {"count-bolt" (python-bolt-spec
          options
          ;; Grouped by word, so that a word always reaches the same of the two counters. With :shuffle a dog
          ;; could go to either of them, and neither would know how many there are.
          {"word-spout" ["word"]}
          "bolts.wordcount.WordCounter"
          ["word" "count"]
          :p 2)}                       ; two tasks, each a process
  ])

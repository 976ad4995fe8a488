(ns raises
  (:use [streamparse.specs]))

(defn raises [options]
  [{"words" (python-spout-spec options "spouts.words.WordSpout" ["word"]
              :p (/ (get options "tasks") 0))}
   {}])

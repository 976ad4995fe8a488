(ns pass (:use [streamparse.specs]))

(defn pass [options]
  [{"rows" (python-spout-spec options "planted.components.Rows" ["n" "word"])}
   {"pass-bolt" (python-bolt-spec options {"rows" :shuffle} "planted.components.Passes" ["n" "word"] :p 2)
    "save-bolt" (python-bolt-spec options {"pass-bolt" ["word"]} "planted.components.Saves" [])}])

(ns streams
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn streams [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Streams"
              {"default" ["word" "n"] "odd" ["word"] "bare" [] "unheard" ["x"]})}
   {"sink" (python-bolt-spec options {"spout" ["n"] ["spout" "odd"] :all ["spout" "bare"] :global} "scripted.bolts.Take" [] :p 2)
    "router" (python-bolt-spec options {"counter" :shuffle} "scripted.bolts.Router" {"even" ["n"] "odd" ["n"]})
    "counter" (python-bolt-spec options {["spout" "odd"] :shuffle} "scripted.bolts.Numbered" ["n"])
    "evens" (python-bolt-spec options {["router" "even"] ["n"]} "scripted.bolts.Take" [] :p 2)
    "odds" (python-bolt-spec options {["router" "odd"] :shuffle} "scripted.bolts.Take" [])}])

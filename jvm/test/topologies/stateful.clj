(ns stateful
  (:use [backtype.storm.clojure])
  (:import [org.apache.storm.topology IStatefulBolt]))

(def stateful
  [{"words" (shell-spout-spec ["bash" "words.sh"] ["word"])}
   {"sum" (bolt-spec {"words" ["word"]} (reify IStatefulBolt (declareOutputFields [_ _]) (getComponentConfiguration [_])))
    "say" (shell-bolt-spec {"words" :shuffle} ["bash" "say.sh"] [])}])

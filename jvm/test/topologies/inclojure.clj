(ns inclojure
  (:use [org.apache.storm.clojure]))

(defbolt exclaim ["word"] [tuple collector]
  (emit-bolt! collector [(str (.getString tuple 0) "!")] :anchor tuple))

(defn inclojure [options] [{} {"exclaim" (bolt-spec {} exclaim)}])

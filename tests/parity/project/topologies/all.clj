(ns all
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn all [options]
  [{"spout" (python-spout-spec options (get options "my.class" "scripted.spouts.Numbers") ["n"])}
   {"one" (python-bolt-spec options {"spout" :all} "scripted.bolts.Take" [] :p 1)
    "two" (python-bolt-spec options {"spout" :all} "scripted.bolts.Take" [] :p 2)
    "three" (python-bolt-spec options {"spout" :all} "scripted.bolts.Take" [] :p 3)
    "five" (python-bolt-spec options {"spout" :all} "scripted.bolts.Take" [] :p 5)}])

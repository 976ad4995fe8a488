(ns numbers-of-tasks
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn numbers-of-tasks [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Numbers" ["n"] :p 2 :conf {"topology.tasks" 3})}
   {"four" (python-bolt-spec options {"spout" ["n"]} "scripted.bolts.Take" [] :p 2 :conf {"topology.tasks" 4})
    "fewer" (python-bolt-spec options {"spout" ["n"]} "scripted.bolts.Take" [] :p 4 :conf {"topology.tasks" 1})
    "limited" (python-bolt-spec options {"spout" ["n"]} "scripted.bolts.Take" [] :p 4
                :conf {"topology.max.task.parallelism" 3})}])

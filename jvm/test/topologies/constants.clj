(ns constants
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:require [org.apache.storm.config :as config])
  (:import [org.apache.storm.testing TestWordSpout]))

(defn constants [options]
  [{"words" (spout-spec (TestWordSpout.) :parallelism-hint 3)
    "more" (shell-spout-spec "bash" "more.sh" {"default" ["word"] "jobs" (direct-stream ["job"])} :p 2)}
   {"count" (shell-bolt-spec {"words" ["word"], ["more" "jobs"] :direct} "bash" "count.sh" ["word" "n"]
                             :conf {config/TOPOLOGY-TICK-TUPLE-FREQ-SECS 7})}])

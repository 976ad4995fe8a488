(ns batching
  (:use [streamparse.specs])
  (:gen-class))

(defn batching [options]
  [
    {"reading-spout" (python-spout-spec
          options
          "sensors.ReadingSpout"
          ["sensor" "celsius"])}

    ;; A tick a second; a batch is due at every second tick.
    {"mean-bolt" (python-bolt-spec
          options
          {"reading-spout" ["sensor"]}
          "sensors.MeanBolt"
          ["sensor" "mean" "readings"]
          :p 2
          :conf {"topology.tick.tuple.freq.secs" 1})}])

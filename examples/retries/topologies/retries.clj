(ns retries
  (:use [streamparse.specs])
  (:gen-class))

(defn retries [options]
  [
    {"order-spout" (python-spout-spec
          options
          "orders.OrderSpout"
          ["order"])}

    {"charge-bolt" (python-bolt-spec
          options
          {"order-spout" ["order"]}
          "orders.ChargeBolt"
          ["order" "attempt"]
          :p 2)}])

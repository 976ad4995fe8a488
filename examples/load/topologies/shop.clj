(ns shop
  (:use [streamparse.specs])
  (:gen-class))

(defn shop [options]
  [
    {"orders" (python-spout-spec
          options
          "shop.Orders"
          ["order" "customer"])}

    ;; Two branches: any task prices an order, and one task counts those of a customer.
    {"price" (python-bolt-spec
          options
          {"orders" :shuffle}
          "shop.Price"
          []
          :p (get options "price.tasks" 1))
     "count" (python-bolt-spec
          options
          {"orders" ["customer"]}
          "shop.Count"
          []
          :p 4)}])

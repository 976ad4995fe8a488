(ns streamparse.commands.list
  "The topologies of a cluster: --host HOST --port PORT [--json]"
  (:require [clojure.data.json :as json]
            [clojure.pprint :as pprint]
            [streamparse.command :as command]
            [streamparse.nimbus :as nimbus]
            [streamparse.options :as options])
  (:gen-class))

(def ^:private columns ["name" "status" "num-workers" "num-executors" "num-tasks" "uptime-secs"])

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [json] :as settings} (options/parse [:host :port :nimbus :json] {:host "localhost" :port 6627}
                                                      arguments)
           found (nimbus/with-client settings (comp vec nimbus/topologies))]
       (cond
         json (println (json/write-str found))
         (empty? found) (println "No topologies running.")
         :else (pprint/print-table columns found))))))

(ns streamparse.commands.kill_topology
  "Stop a topology of a cluster: NAME --wait SECS --host HOST --port PORT"
  (:require [streamparse.command :as command]
            [streamparse.nimbus :as nimbus]
            [streamparse.options :as options])
  (:gen-class))

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [words wait host port]} (options/parse [:wait :host :port]
                                                         {:wait 5 :host "localhost" :port 6627} arguments)
           named (or (first words) (throw (IllegalArgumentException. "no topology named")))]
       (nimbus/with-client
         host port
         (fn [client]
           (when-not (some #{named} (map #(get % "name") (nimbus/topologies client)))
             (throw (IllegalArgumentException. (str "topology " named " is not running"))))
           (nimbus/kill client named wait)))
       (println "killed" named)))))

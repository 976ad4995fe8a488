(ns streamparse.commands.kill_topology
  "Stop a topology of a cluster: NAME --wait SECS --host HOST --port PORT. Prints a JSON object: {\"killed\": true}, or
  false when no topology of this name runs."
  (:require [clojure.data.json :as json]
            [streamparse.command :as command]
            [streamparse.nimbus :as nimbus]
            [streamparse.options :as options]
            [streamparse.storm :as storm])
  (:gen-class))

(defn- kill
  "True when the topology ran."
  [client named wait-secs]
  (let [runs (boolean (nimbus/status client named))]
    (when runs
      (try
        (nimbus/kill client named wait-secs)
        (catch Exception error
          (throw (if (nimbus/unanswered? error)
                   (RuntimeException. (str "nimbus gave no answer to the kill (" (storm/message error) "); " named
                                           " may or may not have been killed; `sparse list` shows it if it was not"))
                   error)))))
    runs))

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [words wait] :as settings} (options/parse [:wait :host :port :nimbus]
                                                            {:wait 5 :host "localhost" :port 6627} arguments)
           named (or (first words) (throw (IllegalArgumentException. "no topology named")))
           killed (nimbus/with-client settings #(kill % named wait))]
       (println (json/write-str {"killed" killed}))))))

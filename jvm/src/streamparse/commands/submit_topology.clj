(ns streamparse.commands.submit_topology
  "A topology to a cluster: FILE --host HOST --port PORT --option KEY=VALUE ..., the jar as the property
  storm.jar. With --storm VERSION a cluster of another line is refused."
  (:require [streamparse.command :as command]
            [streamparse.nimbus :as nimbus]
            [streamparse.options :as options]
            [streamparse.topology :as topology])
  (:gen-class))

(defn- submit [path {:keys [options debug host port storm]}]
  (let [jar (or (System/getProperty "storm.jar")
                (throw (IllegalArgumentException. "no jar: -Dstorm.jar=FILE names it")))
        conf (if debug (assoc options "topology.debug" true) options)
        named (topology/topology-name path)
        made (topology/topology path conf)]
    (nimbus/with-client
      host port
      (fn [client]
        (when storm (nimbus/check-version client storm))
        (nimbus/submit client named jar conf made)))
    (println "submitted" named)))

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [words] :as settings} (options/parse [:options :debug :host :port :storm]
                                                       {:host "localhost" :port 6627} arguments)
           path (or (first words) (throw (IllegalArgumentException. "no topology file given")))]
       (command/main {:debug (:debug settings) :path path} #(submit path settings))))))

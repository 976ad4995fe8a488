(ns streamparse.commands.submit_topology
  "A topology to a cluster: FILE --host HOST --port PORT --option KEY=VALUE ..., the jar as the property
  storm.jar. With --storm VERSION a cluster of another line is refused. With --force a running topology of this name
  makes room first, in --wait SECS.

  Whatever can be found wrong is found before that one is killed. Each change of the cluster is a line on stdout before
  it is asked for and another when Nimbus has answered, so that whoever reads them knows how far it has come."
  (:require [streamparse.command :as command]
            [streamparse.nimbus :as nimbus]
            [streamparse.options :as options]
            [streamparse.topology :as topology])
  (:gen-class))

(def ^:private secs-to-quit 60) ; what a topology that is killed gets on top of --wait

(defn- change
  "Ask for a change. An error that Nimbus answers with says that there has been none; after one of the network nobody
  knows."
  [before after named ask]
  (println before named)
  (try
    (ask)
    (catch Exception error
      (when-not (nimbus/unanswered? error) (println "refused" named))
      (throw error)))
  (println after named))

(defn- make-room [client named wait-secs]
  (when (nimbus/status client named)
    (change "killing" "killed" named #(nimbus/kill client named wait-secs))
    (nimbus/wait-until-gone client named (+ wait-secs secs-to-quit))))

(defn- submit [path {:keys [options debug host port storm force wait]}]
  (let [jar (or (System/getProperty "storm.jar")
                (throw (IllegalArgumentException. "no jar: -Dstorm.jar=FILE names it")))
        conf (if debug (assoc options "topology.debug" true) options)
        named (topology/topology-name path)
        made (topology/topology path conf)]
    (nimbus/with-client
      host port
      (fn [client]
        (when storm (nimbus/check-version client storm))
        (println "uploading" named)
        (let [place (nimbus/upload client jar)]
          (when force (make-room client named wait))
          (change "submitting" "submitted" named #(nimbus/submit client named place conf made)))))))

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [words] :as settings} (options/parse [:options :debug :host :port :storm :force :wait]
                                                       {:host "localhost" :port 6627 :wait 5} arguments)
           path (or (first words) (throw (IllegalArgumentException. "no topology file given")))]
       (command/main {:debug (:debug settings) :path path} #(submit path settings))))))

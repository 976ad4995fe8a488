(ns streamparse.commands.submit_topology
  "A topology to a cluster: FILE --host HOST --port PORT --options FILE, the jar as the property storm.jar. With
  --storm-version VERSION a cluster of another line is refused. With --force a running topology of this name is killed
  first, in --wait SECS. With --check nothing is submitted: the mistakes are found, and no jar is needed.

  Every mistake that can be found is found before that one is killed. Each change of the cluster is a step before Nimbus
  is asked for it, and another when Nimbus has answered, so that the reader of stdout knows the state of the cluster."
  (:require [streamparse.command :as command]
            [streamparse.nimbus :as nimbus]
            [streamparse.options :as options]
            [streamparse.topology :as topology])
  (:gen-class))

(def ^:private secs-to-quit 60) ; for a topology that is killed, on top of --wait

(defn- change
  "Ask for a change. An error in Nimbus's answer means that there was none; after an error of the network that is not
  known."
  [before after named ask]
  (command/step before named)
  (try
    (ask)
    (catch Exception error
      (when-not (nimbus/unanswered? error) (command/step "refused" named))
      (throw error)))
  (command/step after named))

(defn- kill-running [client named wait-secs]
  (when (nimbus/status client named)
    (change "killing" "killed" named #(nimbus/kill client named wait-secs))
    (nimbus/wait-until-gone client named (+ wait-secs (long (* nimbus/wait-factor secs-to-quit))))))

(defn- submit [path {:keys [options debug check storm-version force wait] :as settings}]
  (let [jar (or check
                (System/getProperty "storm.jar")
                (throw (IllegalArgumentException. "no jar: -Dstorm.jar=FILE names it")))
        conf (if debug (assoc options "topology.debug" true) options)
        named (topology/topology-name path)
        _ (when check (command/step "checking" named))
        made (topology/topology path conf)]
    (nimbus/with-client
      settings
      (fn [client]
        (when storm-version (nimbus/check-version client storm-version))
        (when-not check
          (command/step "uploading" named)
          (let [place (nimbus/upload client jar #(command/step "uploaded" (str (quot % 1000000) " MB")))]
            (when force (kill-running client named wait))
            (change "submitting" "submitted" named #(nimbus/submit client named place conf made))))))))

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [words] :as settings} (options/parse [:options :debug :check :host :port :nimbus :storm-version
                                                        :force :wait]
                                                       {:host "localhost" :port 6627 :wait 5} arguments)
           path (or (first words) (throw (IllegalArgumentException. "no topology file given")))]
       (command/main {:debug (:debug settings) :path path} #(submit path settings))))))

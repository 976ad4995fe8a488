(ns streamparse.commands.run
  "A topology in a LocalCluster: FILE --time SECS --options FILE"
  (:require [streamparse.command :as command]
            [streamparse.options :as options]
            [streamparse.storm :as storm]
            [streamparse.topology :as topology])
  (:gen-class))

(def ^:private most-secs-to-stop 20)

(defn- wait-for-eof
  "Return when stdin ends: the program that has started this has closed it, or died."
  []
  (loop [] (when-not (neg? (.read System/in)) (recur))))

(defn- wait [{:keys [time until-eof]}]
  (let [over (promise)
        watch (fn [body] (doto (Thread. ^Runnable (fn [] (body) (deliver over true))) (.setDaemon true) (.start)))]
    (when until-eof (watch wait-for-eof))
    (when (pos? time) (watch #(Thread/sleep (* 1000 time))))
    (deref over)))

(defn- halt-in-the-end
  "Halt the JVM after a while: the LocalCluster of some lines does not always come to an end."
  []
  (doto (Thread. ^Runnable (fn [] (Thread/sleep (* 1000 most-secs-to-stop)) (.halt (Runtime/getRuntime) 0)))
    (.setDaemon true)
    (.start)))

(defn- stop [cluster topology-name]
  (halt-in-the-end)
  (command/step "stopping" topology-name)
  (let [options (storm/create "generated.KillOptions")]
    (storm/call options "set_wait_secs" (int 0))
    (storm/call cluster "killTopologyWithOpts" topology-name options))
  (storm/call cluster "shutdown"))

(defn- run [path {:keys [options debug] :as settings}]
  (let [conf (if debug (assoc options "topology.debug" true) options)
        named (topology/topology-name path)
        made (topology/topology path conf)]
    (command/step "starting" named)
    (let [cluster (storm/create "LocalCluster")]
      (storm/call cluster "submitTopology" named (java.util.HashMap. ^java.util.Map conf) made)
      (command/step "running" named)
      (try
        (wait settings)
        (finally (stop cluster named))))))

(defn -main [& arguments]
  (command/main
   {}
   (fn []
     (let [{:keys [words] :as settings} (options/parse [:time :option :options :debug :until-eof] {:time 0} arguments)
           path (or (first words) (throw (IllegalArgumentException. "no topology file given")))]
       (command/main {:debug (:debug settings) :path path} #(run path settings))))))

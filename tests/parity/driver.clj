(ns parity.driver
  "Runs scenarios in one LocalCluster: PLAN.json in, RESULTS.json out. A job of the plan is
  {name, path, conf, over, markers, linger, deadline, alone, acts}; its result is {verdict, message, began, ended}.

  A job is over when its spouts have left so many files in the directory `over`, and `linger` ms have passed.
  A worker that dies would end the JVM: here its exit is refused and is the verdict, and the next job goes on. Such
  jobs are `alone`, one after the other, when all the others are done."
  (:require [clojure.data.json :as json]
            [streamparse.storm :as storm]
            [streamparse.topology :as topology])
  (:import [java.io File]
           [java.lang ProcessHandle]
           [java.util HashMap Map]
           [java.util.concurrent Callable Executors Future])
  (:gen-class))

(def ^:private exits "The status of each exit that was asked for." (atom []))
(def ^:private may-exit (atom false))
(def ^:private at-once 3)
(def ^:private step-ms 50)
(def ^:private ms-to-die "How long a worker that was killed may still want to exit." 2000)
(def ^:private supervisors 2)
(def ^:private ports 8)

(defn- refuse-exits []
  (System/setSecurityManager
   (proxy [SecurityManager] []
     (checkPermission ([_permission]) ([_permission _context]))
     (checkExit [status]
       (when-not @may-exit
         (swap! exits conj status)
         (throw (SecurityException. (str "the scenario's worker wants to exit with status " status))))))))

(def ^:private daemon-conf
  "Quick to notice what is new, and slow to give anybody up: the machine may be busy."
  {"storm.zookeeper.session.timeout" (int 40000)
   "storm.zookeeper.connection.timeout" (int 40000)
   "nimbus.task.timeout.secs" (int 120)
   "nimbus.supervisor.timeout.secs" (int 180)
   "topology.enable.message.timeouts" true
   "nimbus.monitor.freq.secs" (int 1)
   "supervisor.monitor.frequency.secs" (int 1)
   "supervisor.worker.shutdown.sleep.secs" (int 0)
   "task.refresh.poll.secs" (int 1)})

(defn- exists? [class-name]
  (try (Class/forName (str storm/package "." class-name)) true (catch ClassNotFoundException _ false)))

(defn- new-cluster []
  (if (exists? "LocalCluster$Builder") ; from 2.0 on
    (-> (storm/create "LocalCluster$Builder")
        (storm/call "withSupervisors" (int supervisors))
        (storm/call "withPortsPerSupervisor" (int ports))
        (storm/call "withDaemonConf" daemon-conf)
        (storm/call "build"))
    (let [testing (symbol (str storm/package ".testing"))]
      (require testing)
      (storm/create "LocalCluster"
                    ((ns-resolve testing 'mk-local-storm-cluster)
                     :supervisors supervisors :ports-per-supervisor ports :daemon-conf daemon-conf)))))

(defn- markers [directory]
  (count (.list (File. ^String directory))))

(defn- has-begun?
  "Whether one of its components has been greeted: an exit before that is somebody else's."
  [job]
  (.isDirectory (File. ^String (job "notes"))))

(defn- await-end
  "What ended it: an exit, the markers, or the deadline."
  [job exits-before]
  (let [deadline (+ (System/currentTimeMillis) (job "deadline"))]
    (loop [over-since nil]
      (let [now (System/currentTimeMillis)
            over (or over-since (when (<= (job "markers") (markers (job "over"))) now))]
        (cond
          (and (job "alone") (has-begun? job) (< exits-before (count @exits))) (str "exit " (nth @exits exits-before))
          (and over (<= (+ over (job "linger")) now)) "over"
          (< deadline now) "deadline"
          :else (do (Thread/sleep step-ms) (recur over)))))))

(defn- act
  "Deactivate or activate it, and wait."
  [cluster job [what ms]]
  (storm/call cluster what (job "name"))
  (Thread/sleep ms))

(defn- end-components
  "All that this JVM has started: of a job that is alone. A worker that may not exit would wait for them for ever."
  []
  ;; Clojure before 1.8 cannot call a static method of an interface otherwise.
  (let [^ProcessHandle own (.invoke (.getMethod ProcessHandle "current" (make-array Class 0)) nil (object-array 0))]
    (doseq [^ProcessHandle child (iterator-seq (.iterator (.children own)))]
      (.destroyForcibly child))))

(defn- kill [cluster job]
  (let [options (storm/create "generated.KillOptions")]
    (storm/call options "set_wait_secs" (int 0))
    (storm/call cluster "killTopologyWithOpts" (job "name") options)
    (Thread/sleep (if (job "alone") ms-to-die 100))))

(def ^:private reading (Object.))

(defn- run-job [cluster job]
  (let [began (System/currentTimeMillis)
        before (count @exits)
        answer (fn [verdict message]
                 {"name" (job "name") "verdict" verdict "message" message
                  "began" began "ended" (System/currentTimeMillis)})]
    (try
      (let [made (locking reading (topology/topology (job "path") (job "conf")))]
        (storm/call cluster "submitTopology" (job "name") (HashMap. ^Map (job "conf")) made)
        (let [verdict (await-end job before)]
          (doseq [each (job "acts")] (act cluster job each))
          (let [found (answer verdict "")]
            (when (job "alone") (end-components))
            (kill cluster job)
            found)))
      (catch Throwable error
        (let [chain (take-while (complement nil?) (iterate #(.getCause ^Throwable %) error))]
          (answer "refused" (str (.getSimpleName (class (last chain))) ": " (storm/message (last chain)))))))))

(defn- run-all [cluster jobs]
  (let [pool (Executors/newFixedThreadPool at-once)
        together (remove #(get % "alone") jobs)
        start (fn [job] (let [^Callable task (fn [] (run-job cluster job))] (.submit pool task)))
        started (doall (map start together))
        results (vec (map (fn [future] (.get ^Future future)) started))]
    (.shutdown pool)
    (into results (doall (map #(run-job cluster %) (filter #(get % "alone") jobs))))))

(defn -main [plan results]
  (refuse-exits)
  (let [jobs (json/read-str (slurp plan))
        cluster (new-cluster)]
    (spit results (json/write-str (run-all cluster jobs)))
    (reset! may-exit true)
    (.halt (Runtime/getRuntime) 0)))

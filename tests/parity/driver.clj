(ns parity.driver
  "Runs scenarios in one LocalCluster: PLAN.json in, RESULTS.json out. A job of the plan is
  {name, path, conf, over, markers, linger, deadline, alone, acts}; its result is {verdict, message, began, ended}.

  A job is over when its spouts have left so many files in the directory `over`, and `linger` ms have passed.
  A worker that dies would end the JVM: here its exit is refused and is the verdict, and the next job goes on. Such
  jobs are `alone`, one after the other, when all the others are done. The components of such a worker are ended. Up to
  1.x its topology is left as it is: a supervisor would wait for ever for a dead worker to let go. What its threads
  still do is told from what those of the next do by their groups."
  (:require [clojure.data.json :as json]
            [streamparse.storm :as storm]
            [streamparse.topology :as topology])
  (:import [java.io File]
           [java.lang ProcessHandle]
           [java.util HashMap Map]
           [java.util.concurrent Callable Executors Future])
  (:gen-class))

(def ^:private exits "The group of the thread, and the status, of each exit that was asked for." (atom []))
(def ^:private worker "The group of the threads of the worker that runs alone." (atom nil))
(def ^:private may-exit (atom false))
(def ^:private at-once 3)
(def ^:private step-ms 50)
(def ^:private ms-to-begin "How long a busy machine may take to start a worker." 300000)
(def ^:private ms-to-die "How long a worker without its components may take to want to exit, which some never do."
  10000)
(def ^:private ms-to-tell "How long it may go on to tell of it." 2000)
(def ^:private supervisors 2)
(def ^:private ports "A dead worker keeps its own." 12)

(defn- own-group ^ThreadGroup []
  (.getThreadGroup (Thread/currentThread)))

(defn- is-workers? [^ThreadGroup group]
  (.startsWith (.getName group) "worker of "))

(defn- refuse-exits
  "And have the threads of a worker that runs alone in a group, by that of those who start them."
  []
  (System/setSecurityManager
   (proxy [SecurityManager] []
     (checkPermission ([_permission]) ([_permission _context]))
     (getThreadGroup []
       (if (is-workers? (own-group)) (own-group) (or @worker (own-group))))
     (checkExit [status]
       (when-not @may-exit
         (swap! exits conj [(own-group) status])
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

(def ^:private from-2-on? (exists? "LocalCluster$Builder"))

(defn- new-cluster []
  (if from-2-on?
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
  "Whether one of its components has been greeted."
  [job]
  (.isDirectory (File. ^String (job "notes"))))

(defn- exit-of
  "The status with which a thread of this group was the first to exit, or nil."
  [group]
  (some (fn [[whose status]] (when (identical? group whose) status)) @exits))

(defn- await-end
  "What ended it: an exit, the markers, or the deadline."
  [job group]
  (let [submitted (System/currentTimeMillis)]
    (loop [begun nil, over nil]
      (let [now (System/currentTimeMillis)
            begun (or begun (when (has-begun? job) now))
            over (or over (when (<= (job "markers") (markers (job "over"))) now))
            deadline (if begun (+ begun (job "deadline")) (+ submitted ms-to-begin))]
        (cond
          (and group (exit-of group)) (str "exit " (exit-of group))
          (and over (<= (+ over (job "linger")) now)) "over"
          (< deadline now) "deadline"
          :else (do (Thread/sleep step-ms) (recur begun over)))))))

(defn- act
  "Deactivate or activate it, and wait."
  [cluster job [what ms]]
  (storm/call cluster what (job "name"))
  (Thread/sleep ms))

(defn- end-components
  "All that this JVM has started: of a job that is alone."
  []
  ;; Clojure before 1.8 cannot call a static method of an interface otherwise.
  (let [^ProcessHandle own (.invoke (.getMethod ProcessHandle "current" (make-array Class 0)) nil (object-array 0))]
    (doseq [^ProcessHandle child (iterator-seq (.iterator (.children own)))]
      (.destroyForcibly child))))

(defn- kill [cluster job]
  (let [options (storm/create "generated.KillOptions")]
    (storm/call options "set_wait_secs" (int 0))
    (storm/call cluster "killTopologyWithOpts" (job "name") options)
    (Thread/sleep 100)))

(defn- await-exit [group]
  (let [deadline (+ (System/currentTimeMillis) ms-to-die)]
    (while (and (not (exit-of group)) (< (System/currentTimeMillis) deadline))
      (Thread/sleep step-ms)))
  (Thread/sleep ms-to-tell))

(def ^:private submits "How often LocalCluster is asked, where its own files were gone." 5)

(defn- innermost [^Throwable error]
  (last (take-while (complement nil?) (iterate #(.getCause ^Throwable %) error))))

(defn- lost-a-file?
  "Whether the cleanup of its blob store, which runs at its start too, has taken away a directory that was just made.
  Source: FileBlobStoreImpl.fullCleanup, LocalFsBlobStoreFile.getOutputStream (2.8.3)."
  [error]
  (= ["IOException" "No such file or directory"]
     (let [^Throwable cause (innermost error)] [(.getSimpleName (class cause)) (.getMessage cause)])))

(defn- submit [cluster job made]
  (loop [left submits]
    (when-let [error (try
                       (storm/call cluster "submitTopology" (job "name") (HashMap. ^Map (job "conf")) made)
                       nil
                       (catch Throwable error error))]
      (when-not (and (< 1 left) (lost-a-file? error)) (throw error))
      (Thread/sleep step-ms)
      (recur (dec left)))))

(def ^:private reading (Object.))

(defn- run-job [cluster job]
  (let [began (System/currentTimeMillis)
        group (when (job "alone") (reset! worker (ThreadGroup. (str "worker of " (job "name")))))
        answer (fn [verdict message]
                 {"name" (job "name") "verdict" verdict "message" message
                  "began" began "ended" (System/currentTimeMillis) "alone" (job "alone")})]
    (try
      (let [made (locking reading (topology/topology (job "path") (job "conf")))]
        (submit cluster job made)
        (let [verdict (await-end job group)]
          (doseq [each (job "acts")] (act cluster job each))
          (let [found (answer verdict "")]
            (when group (end-components))
            (when (or from-2-on? (not group)) (kill cluster job)) ; at once, or its bolts fill the log
            (when group (await-exit group))
            (assoc found "gone" (System/currentTimeMillis)))))
      (catch Throwable error
        (let [cause (innermost error)]
          (answer "refused" (str (.getSimpleName (class cause)) ": " (storm/message cause))))))))

(defn- run-all [cluster jobs]
  (let [pool (Executors/newFixedThreadPool at-once)
        together (remove #(get % "alone") jobs)
        start (fn [job] (let [^Callable task (fn [] (run-job cluster job))] (.submit pool task)))
        started (doall (map start together))
        results (vec (map (fn [future] (.get ^Future future)) started))]
    (.shutdown pool)
    (into results (doall (map #(run-job cluster %) (filter #(get % "alone") jobs))))))

(defn- end-with-starter
  "When whoever started this has died, its end of our stdin is closed."
  []
  (.start (Thread. ^Runnable (fn [] (.read System/in) (.halt (Runtime/getRuntime) 1)))))

(defn -main [plan results]
  (refuse-exits)
  (end-with-starter)
  (let [jobs (json/read-str (slurp plan))
        cluster (new-cluster)]
    (spit results (json/write-str (run-all cluster jobs)))
    (reset! may-exit true)
    (.halt (Runtime/getRuntime) 0)))

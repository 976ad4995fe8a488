(ns streamparse.nimbus
  "Nimbus over its thrift API, at the very address given.

  StormSubmitter from 1.0 on asks that address for the leader and connects to that host, which a tunnel does not lead
  to. So the few calls of a submit are made here, the same on all lines."
  (:require [clojure.data.json :as json]
            [clojure.string :as string]
            [streamparse.storm :as storm])
  (:import [java.io FileInputStream]
           [java.nio ByteBuffer]
           [java.util Arrays]))

(def wait-factor
  "What the environment multiplies every limit for an answer by."
  (let [text (System/getenv "STREAMPARSE_WAIT_FACTOR")]
    (if (string/blank? text) 1 (Double/parseDouble text))))

(def ^:private answer-ms (* 60 1000 wait-factor)) ; for one answer; Nimbus reads the whole jar before the last

(defn unanswered?
  "True for an error of the connection to Nimbus, false for one in Nimbus's answer."
  [error]
  (boolean (some #(.endsWith (.getName (class %)) ".TTransportException")
                 (take-while identity (iterate #(.getCause ^Throwable %) error)))))

(defn with-client
  "Call `body` with a client of the Nimbus at :host and :port; :nimbus is its address in messages, where a tunnel leads
  to it."
  [{:keys [host port nimbus]} body]
  (let [shown (str "nimbus " (or nimbus (str host ":" port)))
        conf (storm/call-static "utils.Utils" "readStormConfig")
        connection (try
                     (storm/create "utils.NimbusClient" conf host (int port) (int answer-ms))
                     (catch Exception error
                       (throw (RuntimeException. (str shown " does not answer: " (storm/message error)) nil))))]
    (try
      (body (storm/call connection "getClient"))
      (catch Exception error
        (throw (if (unanswered? error)
                 (RuntimeException. (str shown " gave no answer (" (storm/message error) ")") nil)
                 error)))
      (finally (storm/call connection "close")))))

(defn topologies
  "One map for each topology that runs."
  [client]
  (for [each (storm/call (storm/call client "getClusterInfo") "get_topologies")
        :let [value #(storm/call each (str "get_" %))]]
    {"id" (value "id")
     "name" (value "name")
     "status" (value "status")
     "num-workers" (value "num_workers")
     "num-executors" (value "num_executors")
     "num-tasks" (value "num_tasks")
     "uptime-secs" (value "uptime_secs")}))

(defn status
  "ACTIVE, INACTIVE, KILLED or REBALANCING; nil when there is no topology of this name."
  [client topology-name]
  (first (for [each (topologies client) :when (= topology-name (get each "name"))] (get each "status"))))

(defn- part
  "The value of a getter, or nil where this line's class does not have it."
  [object getter]
  (try (storm/call object getter) (catch IllegalArgumentException _ nil)))

(defn- line-of
  "\"2.8\" of \"2.8.3\"; nil for other text."
  [version]
  (re-find #"^\d+\.\d+" (str version)))

(defn check-version
  "Refuse a cluster of another line than `version`; its daemons say which they are from 0.10 on."
  [client version]
  (let [summary (try
                  (storm/call client "getClusterInfo")
                  (catch Exception error
                    (throw (RuntimeException.
                            (str "nimbus does not answer as Storm " version " does, which project.clj has ("
                                 (string/replace (storm/message error) #"(?s) Struct:.*" "") "); is the cluster's another?")))))
        daemons (concat (part summary "get_nimbuses") (part summary "get_supervisors"))
        lines (set (keep #(line-of (part % "get_version")) daemons))]
    (when-not (or (empty? lines) (lines (line-of version)))
      (throw (RuntimeException. (str "the cluster runs Storm " (first lines) ", project.clj has " version
                                     "; a topology needs the cluster's version"))))))

(defn kill [client topology-name wait-secs]
  (let [options (storm/create "generated.KillOptions")]
    (storm/call options "set_wait_secs" (int wait-secs))
    (storm/call client "killTopologyWithOpts" topology-name options)))

(def ^:private look-ms 500)

(defn wait-until-gone
  "Return when a topology that was killed is known no longer."
  [client topology-name secs]
  (loop [looks (quot (* 1000 secs) look-ms)]
    (when-let [found (status client topology-name)]
      (when (zero? looks)
        (throw (RuntimeException. (str "topology " topology-name " has not quit after " secs " s, it is " found))))
      (Thread/sleep look-ms)
      (recur (dec looks)))))

(def ^:private chunk-bytes (* 1024 512)) ; nimbus.thrift.max_buffer_size is 1 MiB
(def ^:private report-every-chunks 50) ; 26 MB

(defn upload
  "Send a jar, and return its place on Nimbus. `report` is called now and then with the bytes that are sent."
  [client path report]
  (let [place (storm/call client "beginFileUpload")
        buffer (byte-array chunk-bytes)]
    (with-open [jar (FileInputStream. ^String path)]
      (loop [sent 0, chunks 1]
        (let [size (.read jar buffer)]
          (when (pos? size)
            (storm/call client "uploadChunk" place (ByteBuffer/wrap (Arrays/copyOf buffer size)))
            (when (zero? (rem chunks report-every-chunks)) (report (+ sent size)))
            (recur (+ sent size) (inc chunks))))))
    (storm/call client "finishFileUpload" place)
    place))

(defn- add-versions
  "Set the versions of Storm and Java in a topology, as Storm 2.0 and later do."
  [topology]
  (when (some #(= "set_storm_version" (.getName ^java.lang.reflect.Method %)) (.getMethods (class topology)))
    (storm/call topology "set_storm_version" (storm/call-static "utils.VersionInfo" "getVersion"))
    (storm/call topology "set_jdk_version" (System/getProperty "java.version"))))

(defn submit
  "Submit a topology to Nimbus; `place` is that of its jar."
  [client topology-name place conf topology]
  (add-versions topology)
  (storm/call client "submitTopology" topology-name place (json/write-str conf) topology))

(ns parity.submitted
  "What Storm's own classes make of topology files, as the bytes that a submit sends. JOBS in, one JSON object a line
  with the `path` of a file and its `conf`; JSON out, one a line: the StormTopology in Thrift's binary protocol, in
  base64, or the message of the exception."
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io]
            [streamparse.storm :as storm]
            [streamparse.topology :as topology])
  (:import [java.util Base64])
  (:gen-class))

(defn- thrift-package
  "The package of Thrift's own classes, which each line keeps at another place."
  [^Object made]
  (first (for [^Class each (.getInterfaces (class made))
               :let [[_ package] (re-matches #"(.*thrift\d*)\.TBase" (.getName each))]
               :when package]
           package)))

(defn- serialized [made]
  (let [serializer (Class/forName (str (thrift-package made) ".TSerializer"))]
    (storm/call (.newInstance serializer) "serialize" made)))

(defn- submitted [{:strs [path conf]}]
  (try
    {"bytes" (.encodeToString (Base64/getEncoder) (serialized (topology/topology path conf)))}
    (catch Throwable error
      {"error" (storm/message error)})))

(defn -main [jobs answers]
  (with-open [in (io/reader jobs)
              out (io/writer answers)]
    (doseq [line (line-seq in)]
      (.write out (str (json/write-str (submitted (json/read-str line))) "\n"))))
  (shutdown-agents))

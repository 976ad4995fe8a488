(ns parity.messages
  "What this line's own classes read in the messages of a component: MESSAGES in, one a line as base64; JSON out, one a
  line: the fields that readShellMsg has set, or the simple name of the exception. Values are in a list, as texts that
  the line's own serializer has printed."
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io]
            [clojure.string :as string]
            [streamparse.storm :as storm])
  (:import [java.io ByteArrayInputStream ByteArrayOutputStream]
           [java.util Base64])
  (:gen-class))

(def ^:private end (.getBytes "\nend\n" "UTF-8"))

(defn- serializer [in out]
  (doto (storm/create "multilang.JsonSerializer")
    (storm/call "initialize" out in)))

(defn- received [^bytes message]
  (let [all (doto (ByteArrayOutputStream.) (.write message) (.write ^bytes end))
        in (ByteArrayInputStream. (.toByteArray all))]
    (storm/call (serializer in (ByteArrayOutputStream.)) "readShellMsg")))

(defn- text [values]
  (let [out (ByteArrayOutputStream.)
        message (doto (storm/create "multilang.BoltMsg")
                  (storm/call "setComp" "c") (storm/call "setStream" "s") (storm/call "setId" "1")
                  (storm/call "setTask" 1) (storm/call "setTuple" values))]
    (storm/call (serializer (ByteArrayInputStream. (byte-array 0)) out) "writeBoltMsg" message)
    (first (string/split (.toString out "UTF-8") #"\nend\n"))))

(defn- as-text [value]
  (text (doto (java.util.ArrayList.) (.add value))))

(defn- fields [message]
  (let [values (storm/call message "getTuple")]
    {"command" (storm/call message "getCommand")
     "id" (as-text (storm/call message "getId"))
     "anchors" (vec (storm/call message "getAnchors"))
     "stream" (storm/call message "getStream")
     "task" (str (storm/call message "getTask"))
     "msg" (storm/call message "getMsg")
     "level" (str (storm/call message "getLogLevel"))
     "need_task_ids" (storm/call message "areTaskIdsNeeded")
     "name" (storm/call message "getMetricName")
     "params" (as-text (storm/call message "getMetricParams"))
     "tuple" (when values (text values))}))

(defn- answer [^bytes message]
  (try
    (fields (received message))
    (catch Throwable error
      {"error" (.getSimpleName (class (last (take-while (complement nil?) (iterate #(.getCause ^Throwable %) error)))))})))

(defn -main [messages answers]
  (with-open [in (io/reader messages :encoding "UTF-8")
              out (io/writer answers :encoding "UTF-8")]
    (doseq [^String message (line-seq in)]
      (.write out (str (json/write-str (answer (.decode (Base64/getDecoder) message))) "\n"))))
  (.halt (Runtime/getRuntime) 0))

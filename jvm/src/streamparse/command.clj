(ns streamparse.command
  "The frame of a command: it ends the JVM, and whatever goes wrong becomes one line with its place."
  (:require [streamparse.storm :as storm])
  (:import [java.io File]))

(defn- causes [^Throwable error]
  (take-while (complement nil?) (iterate #(.getCause ^Throwable %) error)))

(defn- compiler-place
  "Where the compiler stopped: it says so at the end of its message, as (FILE:LINE:COLUMN), whichever its version."
  [error]
  (second (re-find #"\(([^()\s]+\.clj:\d+(?::\d+)?)\)" (str (.getMessage ^Throwable error)))))

(defn- as-given
  "The compiler shows whole paths; whoever gave a shorter one finds it again."
  [^String place ^String path]
  (if path (.replace place (.getAbsolutePath (File. path)) path) place))

(defn- frame-place
  "Where a file was when the exception came, from the stack."
  [^Throwable error ^String path]
  (let [file (.getName (File. path))]
    (first (for [^StackTraceElement frame (.getStackTrace error)
                 :when (= file (.getFileName frame))]
             (str path ":" (.getLineNumber frame))))))

(defn explain
  "An exception in one line, with the place in the topology file when there is one."
  [error path]
  (let [chain (causes error)
        place (or (when-let [found (last (keep compiler-place chain))] (as-given found path))
                  (when path (last (keep #(frame-place % path) chain))))
        text (storm/message (last chain))]
    (if (and place (not (.contains ^String text ^String place))) (str place ": " text) text)))

(defn main
  "Call `body` and end the JVM with status 0. An exception ends it with 1 and one line on stderr; with :debug it is
  shown whole."
  [{:keys [debug path]} body]
  (let [status (try
                 (body)
                 0
                 (catch Throwable error
                   (when debug (.printStackTrace error))
                   (binding [*out* *err*]
                     (println (str "error: " (explain error path))))
                   1))]
    (flush)
    (shutdown-agents)
    (System/exit status)))

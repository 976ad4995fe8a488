(ns streamparse.command
  "The frame of a command: it ends the JVM, and an error becomes one line with its place. Lines for the program that
  has started the command have a label: `step: ` on stdout, `error: ` on stderr (streamparse/jvm/child.py reads them)."
  (:require [streamparse.storm :as storm])
  (:import [java.io File]))

(defn- causes [^Throwable error]
  (take-while (complement nil?) (iterate #(.getCause ^Throwable %) error)))

(defn- compiler-place
  "The place where the compiler stopped, which is in its message as (FILE:LINE:COLUMN), whatever its version."
  [error]
  (second (re-find #"\(([^()\s]+\.clj:\d+(?::\d+)?)\)" (str (.getMessage ^Throwable error)))))

(defn- as-given
  "The place with the path as it was given; the compiler shows whole paths."
  [^String place ^String path]
  (if path (.replace place (.getAbsolutePath (File. path)) path) place))

(defn- frame-place
  "The line of a file on the stack of an exception."
  [^Throwable error ^String path]
  (let [file (.getName (File. path))]
    (first (for [^StackTraceElement frame (.getStackTrace error)
                 :when (= file (.getFileName frame))]
             (str path ":" (.getLineNumber frame))))))

(defn explain
  "An exception in one line, with the place in the topology file if there is one."
  [error path]
  (let [chain (causes error)
        place (or (when-let [found (last (keep compiler-place chain))] (as-given found path))
                  (when path (last (keep #(frame-place % path) chain))))
        text (storm/message (last chain))]
    (if (and place (not (.contains ^String text ^String place))) (str place ": " text) text)))

(defn step
  "Print a step that a topology has reached, such as \"running\"."
  [word topology-name]
  (println (str "step: " word) topology-name))

(defn main
  "Call `body` and end the JVM with status 0. An exception ends it with 1 and one line on stderr; with :debug its stack
  is printed, too."
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

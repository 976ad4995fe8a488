(ns parity.values
  "What this line's own classes make of the messages of a component: MESSAGES in, one a line; JSON out, one a line:
  the task that its fields grouping chooses among 2, 3, 5 and 7, and the text in which it hands the values on; or the
  simple name of the exception."
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io]
            [clojure.string :as string]
            [streamparse.storm :as storm])
  (:import [java.io ByteArrayInputStream ByteArrayOutputStream])
  (:gen-class))

(def ^:private sizes [2 3 5 7])

(defn- fields [values]
  (storm/create "tuple.Fields" (java.util.ArrayList. ^java.util.List (mapv #(str "f" %) (range (count values))))))

(defn- exists? [class-name]
  (try (Class/forName (str storm/package "." class-name)) true (catch ClassNotFoundException _ false)))

(def ^:private in-java "Since 2.0 the executor is Java." (exists? "daemon.GrouperFactory"))

(defn- chosen-in-java [values targets]
  (let [all (java.util.ArrayList. ^java.util.List (mapv #(str "f" %) (range (count values))))
        grouper (storm/create "daemon.GrouperFactory$FieldsGrouper" (fields values)
                              (storm/call-static "generated.Grouping" "fields" all))]
    (storm/call grouper "prepare" nil nil targets)
    (first (storm/call grouper "chooseTasks" (int 1) values))))

(defn- chosen-in-clojure [values targets]
  (let [executor (symbol (str storm/package ".daemon.executor"))
        make (do (require executor) @(ns-resolve executor 'mk-fields-grouper))
        grouper (make (fields values) (fields values) targets)]
    (if (= storm/package "backtype.storm")
      (grouper (int 1) values)
      (grouper (int 1) values nil))))

(defn- chosen [values size]
  (let [targets (java.util.ArrayList. ^java.util.List (mapv int (range size)))]
    ((if in-java chosen-in-java chosen-in-clojure) values targets)))

(defn- serializer [in out]
  (doto (storm/create "multilang.JsonSerializer")
    (storm/call "initialize" out in)))

(defn- received [^String message]
  (let [in (ByteArrayInputStream. (.getBytes (str message "\nend\n") "UTF-8"))]
    (storm/call (storm/call (serializer in (ByteArrayOutputStream.)) "readShellMsg") "getTuple")))

(defn- handed-on [values]
  (let [out (ByteArrayOutputStream.)
        message (doto (storm/create "multilang.BoltMsg")
                  (storm/call "setComp" "c") (storm/call "setStream" "s") (storm/call "setId" "1")
                  (storm/call "setTask" 1) (storm/call "setTuple" values))]
    (storm/call (serializer (ByteArrayInputStream. (byte-array 0)) out) "writeBoltMsg" message)
    (first (string/split (.toString out "UTF-8") #"\nend\n"))))

(defn- answer [message]
  (try
    (let [values (received message)]
      {"chosen" (mapv #(chosen values %) sizes) "text" (handed-on values)})
    (catch Throwable error
      {"error" (.getSimpleName (class (last (take-while (complement nil?) (iterate #(.getCause ^Throwable %) error)))))})))

(defn -main [messages answers]
  (with-open [in (io/reader messages :encoding "UTF-8")
              out (io/writer answers :encoding "UTF-8")]
    (doseq [message (line-seq in)]
      (.write out (str (json/write-str (answer message)) "\n"))))
  (.halt (Runtime/getRuntime) 0))

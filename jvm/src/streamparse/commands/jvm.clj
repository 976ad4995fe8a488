(ns streamparse.commands.jvm
  "The JVM that Leiningen starts for this project: it is written to FILE as JSON, to start others without Leiningen."
  (:require [clojure.data.json :as json])
  (:import [java.lang.management ManagementFactory])
  (:gen-class))

(defn -main [path]
  (spit path
        (json/write-str
         {"java" (str (System/getProperty "java.home") "/bin/java")
          "java_version" (System/getProperty "java.version")
          "arguments" (vec (.getInputArguments (ManagementFactory/getRuntimeMXBean)))
          "class_path" (System/getProperty "java.class.path")})))

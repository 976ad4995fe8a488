(ns streamparse.commands.jvm
  "What JVM Leiningen starts for this project: FILE gets it as JSON, for others to be started without Leiningen."
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

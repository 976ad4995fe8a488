(ns streamparse.dsl-test
  "Topology files on a Storm of 1.0 or newer; without storm-clojure they mean the same, and a worker gets other classes."
  (:require [clojure.java.io :as io]
            [clojure.test :refer [deftest is testing]]
            [streamparse.command :as command]
            [streamparse.storm :as storm]
            [streamparse.topology :as topology]))

(def ^:private has-storm-clojure (not (find-ns 'streamparse.dsl)))

(defn- file [topology-name]
  (.getPath (io/file (io/resource (str "topologies/" topology-name ".clj")))))

(defn- explained [topology-name]
  (let [path (file topology-name)]
    (try
      (topology/topology path {})
      (catch Throwable error (.replace ^String (command/explain error path) ^String path topology-name)))))

(defn- common [spec] (storm/call spec "get_common"))

(defn- worker-object
  "What a worker makes of a component."
  [spec getter]
  (storm/call-static "utils.Utils" "javaDeserialize"
                     (storm/call (storm/call spec getter) "get_serialized_java") Object))

(when (= "org.apache.storm" storm/package)
  (deftest a-topology-may-have-java-two-words-direct-streams-and-constants
    (let [made (topology/topology (file "constants") {})
          {:strs [words more]} (into {} (storm/call made "get_spouts"))
          {:strs [count]} (into {} (storm/call made "get_bolts"))]
      (is (= [3 2] (map #(storm/call (common %) "get_parallelism_hint") [words more])))
      (is (= {"default" [["word"] false] "jobs" [["job"] true]}
             (into {} (for [[stream info] (storm/call (common more) "get_streams")]
                        [stream [(storm/call info "get_output_fields") (storm/call info "is_direct")]]))))
      (is (= #{["words" "default" "FIELDS"] ["more" "jobs" "DIRECT"]}
             (set (for [[from grouping] (storm/call (common count) "get_inputs")]
                    [(storm/call from "get_componentId") (storm/call from "get_streamId")
                     (str (storm/call grouping "getSetField"))]))))
      (is (= "{\"topology.tick.tuple.freq.secs\":7}" (storm/call (common count) "get_json_conf")))
      (testing "what a worker runs is Storm's own class, with its command"
        (is (= ["TestWordSpout" (if has-storm-clojure "RichShellSpout" "ShellSpout")
                (if has-storm-clojure "RichShellBolt" "ShellBolt")]
               (map #(.getSimpleName (class %)) [(worker-object words "get_spout_object")
                                                 (worker-object more "get_spout_object")
                                                 (worker-object count "get_bolt_object")])))))))

(when-not has-storm-clojure
  (deftest what-needs-storm-clojure-says-so-with-its-place
    (is (re-matches
         #"inclojure:4:1: defbolt makes a component in Clojure, whose classes are in \[org.apache.storm/storm-clojure VERSION\], which is not in project.clj; Storm 3 has none"
         (explained "inclojure")))
    (is (= (str "bolt \"sum\" has state and bolt \"say\" is a program; Storm has a class for both only in "
                "[org.apache.storm/storm-clojure VERSION], which is not in project.clj")
           (explained "stateful")))))

(ns streamparse.topology-test
  (:require [clojure.java.io :as io]
            [clojure.test :refer [deftest is testing]]
            [streamparse.command :as command]
            [streamparse.specs :as specs]
            [streamparse.storm :as storm]
            [streamparse.topology :as topology]))

(defn- file [topology-name]
  (.getPath (io/file (io/resource (str "topologies/" topology-name ".clj")))))

(def ^:private options {"topology.python.path" "/ve/bin/python", "tasks" 2})

(defn- bolts [topology] (into {} (storm/call topology "get_bolts")))

(defn- tasks [bolt] (storm/call (storm/call bolt "get_common") "get_parallelism_hint"))

(deftest a-topology-may-use-either-name-of-storms-namespace
  (doseq [topology-name ["backtype" "apache"]]
    (testing topology-name
      (let [made (topology/topology (file topology-name) options)]
        (is (= #{"words"} (set (keys (storm/call made "get_spouts")))))
        (is (= #{"count" "say"} (set (keys (bolts made)))))
        (is (= 2 (tasks (get (bolts made) "count"))))))))

(deftest a-topology-may-be-a-value
  (is (= #{"count"} (set (keys (bolts (topology/topology (file "plain") {})))))))

(deftest a-python-component-is-a-shell-component-run-by-the-interpreter-of-the-options
  (with-redefs [storm/dsl (fn [function] (fn [& arguments] (cons function arguments)))]
    (is (= '(shell-spout-spec ["/ve/bin/python" "-m" "streamparse.run" "words.WordSpout"] ["word"] :p 2)
           (specs/python-spout-spec options "words.WordSpout" ["word"] :p 2)))
    (is (= '(shell-bolt-spec {"words" :shuffle} ["python" "-m" "streamparse.run" "count.Counter"] ["n"])
           (specs/python-bolt-spec {} {"words" :shuffle} "count.Counter" ["n"])))))

(deftest a-topology-is-called-as-its-file
  (is (= "word-count" (topology/topology-name "a/b.c/word-count.clj"))))

(defn- explained [topology-name]
  (let [path (file topology-name)]
    (try
      (topology/topology path options)
      (catch Throwable error (.replace ^String (command/explain error path) ^String path topology-name)))))

(deftest what-is-wrong-is-told-in-one-line-with-its-place
  (is (re-matches #"unknown\.?(clj)?:6:\d+: Unable to resolve symbol: pyton-bolt-spec in this context"
                  (explained "unknown")))
  (is (= "raises:6: Divide by zero" (explained "raises")))
  (is (= "three: the last form gives no [spouts bolts], two maps from names to specs" (explained "three"))))

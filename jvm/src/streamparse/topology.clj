(ns streamparse.topology
  "Topology files: the last form of one is the topology, as a value or as a function of the options."
  (:require [streamparse.storm :as storm])
  (:import [java.io File]))

(defn topology-name
  "The name of a topology, which is that of its file."
  [path]
  (let [file (.getName (File. ^String path))]
    (if (.endsWith file ".clj") (subs file 0 (- (count file) 4)) file)))

(defn definition
  "The spouts and the bolts that a topology file defines, given the options."
  [path options]
  (let [last-form (load-file path)
        value (if (var? last-form) (deref last-form) last-form)
        found (if (fn? value) (value options) value)]
    (if (and (sequential? found) (= 2 (count found)) (every? map? found))
      found
      (throw (IllegalArgumentException.
              (str path ": the last form gives no [spouts bolts], two maps from names to specs"))))))

(defn topology
  "The file's topology as Storm's own object."
  [path options]
  (apply (storm/dsl 'topology) (definition path options)))

(ns streamparse.storm
  "The Storm on the class path, and the few of its names that moved between 0.9 and 3.0.

  Up to 0.10 its package is backtype.storm, from 1.0 on org.apache.storm. Its Clojure DSL is in the same jar up to 1.2,
  and in an artifact of its own, storm-clojure, from 2.0 on; where that is missing `streamparse.dsl` takes its place.
  Both names of the DSL are there in the end, so that a topology file may `use` either and run on any line. Everything
  Java is reached by name, so that these sources compile against all of them."
  (:require [clojure.string :as string])
  (:import [java.io FileNotFoundException]))

(def ^:private packages ["org.apache.storm" "backtype.storm"])

(defn- dsl-of [package] (symbol (str package ".clojure")))

(defn- config-of [package] (symbol (str package ".config")))

(defn- loads? [namespace]
  (try
    (require namespace)
    true
    (catch FileNotFoundException _ false)))

(defn- class-named
  "The class, or nil where it is not on the class path; it is not initialized."
  [class-name]
  (try
    (Class/forName class-name false (.getContextClassLoader (Thread/currentThread)))
    (catch ClassNotFoundException _ nil)))

(def ^:private with-dsl
  "The package of a Storm that has its Clojure DSL on the class path."
  (first (filter (comp loads? dsl-of) packages)))

(def package
  "The package of the Storm on the class path."
  (or with-dsl
      (when (class-named "org.apache.storm.topology.TopologyBuilder") "org.apache.storm")
      (throw (RuntimeException.
              (str "no Storm on the class path; project.clj needs, under :provided, [org.apache.storm/storm-client VERSION] "
                   "and [org.apache.storm/storm-server VERSION] for 2.x, [org.apache.storm/storm-core VERSION] before")))))

(defn- loaded
  "A namespace that `require` does not look for in a file."
  [name]
  (dosync (commute @#'clojure.core/*loaded-libs* conj name))
  (create-ns name))

(defn- make-alias
  "Let `alias` stand for a namespace that is loaded: the same functions and macros, and nothing left to load."
  [alias original]
  (let [target (loaded alias)]
    (doseq [[symbol variable] (ns-publics original)
            :when (.isBound ^clojure.lang.Var variable)]
      (intern target (with-meta symbol (dissoc (meta variable) :ns :name)) @variable))))

(defn- make-config
  "Make the namespace of the constants, such as TOPOLOGY-DEBUG, as storm-clojure does: of Java's Config."
  [namespace]
  (let [target (loaded namespace)
        is-allowed #(clojure.lang.Reflector/invokeStaticMethod
                     ^Class (class-named "org.apache.storm.validation.ConfigValidation") "isFieldAllowed" (to-array [%]))]
    (doseq [^java.lang.reflect.Field field (.getDeclaredFields ^Class (class-named "org.apache.storm.Config"))
            :when (is-allowed field)]
      (intern target (symbol (.replace (.toUpperCase (.getName field)) "_" "-")) (.get field nil)))))

(if with-dsl
  (doseq [other packages :when (not= other package)]
    (make-alias (dsl-of other) (dsl-of package)))
  (do
    (require 'streamparse.dsl)
    (doseq [each packages]
      (make-alias (dsl-of each) 'streamparse.dsl)
      (make-config (config-of each)))))

(defn dsl
  "A function of Storm's Clojure DSL, such as 'shell-bolt-spec."
  [function]
  (ns-resolve (dsl-of package) function))

(defn create
  "A new object of a class of Storm's, such as \"LocalCluster\" or \"generated.KillOptions\"."
  [class-name & arguments]
  (clojure.lang.Reflector/invokeConstructor
   (Class/forName (str package "." class-name)) (to-array arguments)))

(defn call
  "Call a method of an object, found by name."
  [object method & arguments]
  (clojure.lang.Reflector/invokeInstanceMethod object (name method) (to-array arguments)))

(defn call-static
  "Call a static method of a class of Storm's."
  [class-name method & arguments]
  (clojure.lang.Reflector/invokeStaticMethod
   (Class/forName (str package "." class-name)) (name method) (to-array arguments)))

(defn message
  "The message of an exception. Thrift's have it in a field of their own."
  [^Throwable error]
  (let [own (try (call error "get_msg") (catch Exception _ nil))
        text (or own (.getMessage error))]
    (if (string/blank? text) (.getSimpleName (class error)) text)))

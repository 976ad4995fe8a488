(ns streamparse.storm
  "The Storm on the class path, and the few of its names that moved between 0.9 and 2.8.

  Up to 0.10 its package is backtype.storm, from 1.0 on org.apache.storm. Whichever is missing is made here as an
  alias of the other's Clojure DSL, so that a topology file may `use` either and run on any line. Everything Java is
  reached by name, so that these sources compile against all of them."
  (:require [clojure.string :as string])
  (:import [java.io FileNotFoundException]))

(def ^:private packages ["org.apache.storm" "backtype.storm"])

(defn- dsl-of [package] (symbol (str package ".clojure")))

(defn- loads? [namespace]
  (try
    (require namespace)
    true
    (catch FileNotFoundException _ false)))

(def package
  "The package of the Storm on the class path."
  (or (first (filter (comp loads? dsl-of) packages))
      (throw (RuntimeException.
              (str "no Storm with a Clojure DSL on the class path; project.clj needs "
                   "[org.apache.storm/storm-clojure VERSION] for 2.x, [org.apache.storm/storm-core VERSION] before")))))

(defn- make-alias
  "Let `alias` stand for a namespace that is loaded: the same functions and macros, and nothing left to load."
  [alias original]
  (let [target (create-ns alias)]
    (doseq [[symbol variable] (ns-publics original)
            :when (.isBound ^clojure.lang.Var variable)]
      (intern target (with-meta symbol (dissoc (meta variable) :ns :name)) @variable))
    ;; `require` looks here before it looks for a file.
    (dosync (commute @#'clojure.core/*loaded-libs* conj alias))))

(doseq [other packages :when (not= other package)]
  (make-alias (dsl-of other) (dsl-of package)))

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

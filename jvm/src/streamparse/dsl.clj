(ns streamparse.dsl
  "Storm's Clojure DSL for a Storm of 2.0 or newer without the artifact storm-clojure, which Storm 3 does not have.

  These are the functions of org.apache.storm.clojure that a topology file calls: the arguments, the order of components
  and the StormTopology are the same, for Storm's own TopologyBuilder makes it. A shell component is written down as
  Storm's ShellSpout or ShellBolt, so that workers need neither Clojure nor storm-clojure for it."
  (:import [org.apache.storm.generated GlobalStreamId Grouping JavaObject NullStruct StreamInfo]
           [org.apache.storm.grouping CustomStreamGrouping]
           [org.apache.storm.spout ShellSpout]
           [org.apache.storm.task ShellBolt]
           [org.apache.storm.topology BoltDeclarer IRichBolt IRichSpout IStatefulBolt IStatefulWindowedBolt
            OutputFieldsDeclarer TopologyBuilder]
           [org.apache.storm.tuple Fields]
           [org.apache.storm.utils Utils]))

(defn direct-stream
  "A stream whose tuples are emitted to a task by its number."
  [fields]
  (StreamInfo. fields true))

;; -- components -----------------------------------------------------------------------------------------------------

(definterface Written
  ;; Java's serialization calls this, and writes what it returns.
  (^Object writeReplace []))

(defn- declare-streams [^OutputFieldsDeclarer declarer streams]
  (doseq [[^String stream ^StreamInfo info] streams]
    (.declareStream declarer stream (.is_direct info) (Fields. ^java.util.List (.get_output_fields info)))))

;; What a TopologyBuilder asks of a component, and no more; a worker has what `writeReplace` returns.
(deftype ShellSpoutSpec [^"[Ljava.lang.String;" command streams]
  Written
  (writeReplace [_] (ShellSpout. command))
  IRichSpout
  (declareOutputFields [_ declarer] (declare-streams declarer streams))
  (getComponentConfiguration [_] nil))

(deftype ShellBoltSpec [^"[Ljava.lang.String;" command streams]
  Written
  (writeReplace [_] (ShellBolt. command))
  IRichBolt
  (declareOutputFields [_ declarer] (declare-streams declarer streams))
  (getComponentConfiguration [_] nil))

(defn- streams-of
  "A map from streams to StreamInfos, of such a map or of a list of fields."
  [outputs]
  (into {} (for [[stream fields] (if (map? outputs) outputs {Utils/DEFAULT_STREAM_ID outputs})]
             [stream (if (instance? StreamInfo fields) fields (StreamInfo. fields false))])))

(defn- shell-arguments
  "The command, the outputs and the settings of [\"node\" \"bolt.js\"] OUTPUTS & SETTINGS, or of \"node\" \"bolt.js\"
  OUTPUTS & SETTINGS."
  [command script-or-outputs settings]
  (if (string? script-or-outputs)
    [[command script-or-outputs] (first settings) (rest settings)]
    [command script-or-outputs settings]))

(defn- settings-of [settings]
  (let [{:keys [p parallelism-hint conf]} (apply hash-map settings)]
    {:p (or p parallelism-hint) :conf conf}))

(defn spout-spec
  "A spout in Java, with the settings :p or :parallelism-hint, and :conf."
  [spout & settings]
  (assoc (settings-of settings) :obj spout))

(defn bolt-spec
  "A bolt in Java; `inputs` is a map from components, or [component stream], to groupings."
  [inputs bolt & settings]
  (assoc (settings-of settings) :obj bolt :inputs inputs))

(defn shell-spout-spec
  "A spout that is a program: its command, and its fields or a map from streams to fields."
  [command script-or-outputs & settings]
  (let [[words outputs settings] (shell-arguments command script-or-outputs settings)]
    (apply spout-spec (ShellSpoutSpec. (into-array String words) (streams-of outputs)) settings)))

(defn shell-bolt-spec
  "A bolt that is a program."
  [inputs command script-or-outputs & settings]
  (let [[words outputs settings] (shell-arguments command script-or-outputs settings)]
    (apply bolt-spec inputs (ShellBoltSpec. (into-array String words) (streams-of outputs)) settings)))

;; -- the topology ---------------------------------------------------------------------------------------------------

(defn- grouping [value]
  (cond
    (nil? value) (Grouping/none (NullStruct.))
    (instance? Grouping value) value
    (instance? CustomStreamGrouping value) (Grouping/custom_serialized (Utils/javaSerialize value))
    (instance? JavaObject value) (Grouping/custom_object value)
    (sequential? value) (Grouping/fields value)
    :else (case value
            :shuffle (Grouping/shuffle (NullStruct.))
            :local-or-shuffle (Grouping/local_or_shuffle (NullStruct.))
            :none (Grouping/none (NullStruct.))
            :all (Grouping/all (NullStruct.))
            :global (Grouping/fields [])
            :direct (Grouping/direct (NullStruct.))
            (throw (IllegalArgumentException. (str value " is not a valid grouping"))))))

(defn- source [id]
  (if (sequential? id)
    (GlobalStreamId. (first id) (second id))
    (GlobalStreamId. id Utils/DEFAULT_STREAM_ID)))

(defn- refuse-state
  "Storm wraps the other bolts of a topology that has a bolt with state, and a program cannot be wrapped."
  [bolts]
  (let [of (fn [& classes]
             (first (for [[id {bolt :obj}] bolts :when (some #(instance? % bolt) classes)] id)))
        with-state (of IStatefulBolt IStatefulWindowedBolt)
        program (of ShellBoltSpec)]
    (when (and with-state program)
      (throw (IllegalArgumentException.
              (str "bolt \"" with-state "\" has state and bolt \"" program "\" is a program; Storm has a class for both "
                   "only in [org.apache.storm/storm-clojure VERSION], which is not in project.clj"))))))

(defn topology
  "The StormTopology of maps from ids to specs."
  [spouts bolts]
  (refuse-state bolts)
  (let [builder (TopologyBuilder.)]
    (doseq [[id {:keys [obj p conf]}] spouts]
      (-> builder (.setSpout id obj (when p (int p))) (.addConfigurations conf)))
    (doseq [[id {:keys [obj p conf inputs]}] bolts]
      (let [^BoltDeclarer declarer (-> builder (.setBolt id obj (when p (int p))) (.addConfigurations conf))]
        (doseq [[^GlobalStreamId from ^Grouping to] (into {} (for [[id value] inputs] [(source id) (grouping value)]))]
          (.grouping declarer from to))))
    (.createTopology builder)))

;; -- components in Clojure ------------------------------------------------------------------------------------------

(defmacro ^:private define-absent
  "Define macros that say what they need: a worker runs these components by classes of storm-clojure's."
  [& names]
  `(do ~@(for [each names]
           `(defmacro ~each [& ~'body]
              (throw (IllegalArgumentException.
                      ~(str each " makes a component in Clojure, whose classes are in "
                            "[org.apache.storm/storm-clojure VERSION], which is not in project.clj; Storm 3 has none")))))))

(define-absent bolt bolt-execute clojure-bolt clojure-spout defbolt defspout spout)

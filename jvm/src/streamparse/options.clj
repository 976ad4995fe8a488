(ns streamparse.options
  "The command line of the commands here, read in one place."
  (:require [clojure.data.json :as json]
            [clojure.string :as string])
  (:import [java.io PushbackReader StringReader]))

(defn- json-value
  "The text read as one JSON value and nothing after it."
  [text]
  ;; The space ends a number before the end of the text, where the reader pushes back a character that is none.
  (let [reader (PushbackReader. (StringReader. (str text " ")) 64)
        value (json/read reader)]
    (when-not (string/blank? (slurp reader))
      (throw (IllegalArgumentException. text)))
    value))

(defn option-value
  "A value that is JSON is read as JSON; anything else is a string as it stands. So is a number with a letter in it,
  which is the hash of a commit more often than 1e5."
  [text]
  (let [number-like (re-find #"^\s*-?\d" text)]
    (if (and number-like (not (re-matches #"\s*-?(0|[1-9]\d*)(\.\d+)?\s*" text)))
      text
      (try (json-value text) (catch Exception _ text)))))

(defn option
  "\"KEY=VALUE\" as a pair; the key ends at the first = sign."
  [text]
  (let [at (.indexOf ^String text "=")]
    (when-not (pos? at)
      (throw (IllegalArgumentException. (str "--option " text ": expected KEY=VALUE"))))
    [(string/trim (subs text 0 at)) (option-value (subs text (inc at)))]))

(defn- number [flag text]
  (try
    (Long/parseLong text)
    (catch NumberFormatException _
      (throw (IllegalArgumentException. (str flag " " text ": expected a whole number"))))))

(def ^:private flags
  "Every flag of every command: the key of its value, and how it is read; a flag without :read takes no value."
  {"--time"      {:key :time :read number}
   "--option"    {:key :options :read (fn [_ text] (option text))}
   "--options"   {:key :options :read (fn [_ path] (json/read-str (slurp path)))} ; a file, for `ps` shows arguments
   "--check"     {:key :check}
   "--nimbus"    {:key :nimbus :read (fn [_ text] text)}
   "--debug"     {:key :debug}
   "--until-eof" {:key :until-eof}
   "--host"      {:key :host :read (fn [_ text] text)}
   "--port"      {:key :port :read number}
   "--storm-version" {:key :storm-version :read (fn [_ text] text)}
   "--wait"      {:key :wait :read number}
   "--force"     {:key :force}
   "--json"      {:key :json}
   "-t" "--time", "-o" "--option", "-d" "--debug", "-j" "--json", "-w" "--wait", "-p" "--port"})

(defn- add [parsed key value]
  (if (= key :options)
    (update-in parsed [:options] conj value) ; a pair, or a map of several; the later one wins
    (assoc parsed key value)))

(defn parse
  "The flags of a command line as a map, over the defaults given, its plain words as :words and its KEY=VALUE pairs as
  the map :options. Other flags than those in `allowed` are refused."
  [allowed defaults arguments]
  (loop [parsed (merge {:words [] :options {}} defaults), left (seq arguments)]
    (if-not left
      parsed
      (let [[word & more] left
            long-name (let [entry (flags word)] (if (string? entry) entry word))
            {:keys [key read]} (let [entry (flags long-name)] (when (map? entry) entry))]
        (cond
          (not (.startsWith ^String word "-")) (recur (update-in parsed [:words] conj word) more)
          (not (contains? (set allowed) key))
          (throw (IllegalArgumentException. (str "no option " word)))
          (nil? read) (recur (add parsed key true) more)
          (nil? more) (throw (IllegalArgumentException. (str word " needs a value")))
          :else (recur (add parsed key (read word (first more))) (next more)))))))

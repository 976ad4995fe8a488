(ns streamparse.specs
  "Specs of components written in Python, for topology files: (:use [streamparse.specs])."
  (:require [streamparse.storm :as storm]))

(defn- python [options class]
  [(get options "topology.python.path" "python") "-m" "streamparse.run" class])

(defn python-spout-spec
  "A spout: `class` is its path below src/, such as \"spouts.words.WordSpout\"; then come the fields that it emits, or a
  map from streams to fields, and :p and :conf."
  [options class & outputs-and-settings]
  (apply (storm/dsl 'shell-spout-spec) (python options class) outputs-and-settings))

(defn python-bolt-spec
  "A bolt: `inputs` is a map from components, or [component stream], to groupings; the rest is as for a spout."
  [options inputs class & outputs-and-settings]
  (apply (storm/dsl 'shell-bolt-spec) inputs (python options class) outputs-and-settings))

(defproject shop "0.0.1-SNAPSHOT"
  :source-paths ["topologies"]
  :resource-paths ["_resources"]
  :target-path "_build"
  :min-lein-version "2.0.0"
  ;; should match your Storm cluster
  :dependencies [[org.clojure/clojure "1.11.1"]
                 [org.clojure/data.json "2.5.0"]
                 [org.apache.storm/storm-clojure "2.8.3"]]
  :profiles {:provided {:dependencies [[org.apache.storm/storm-client "2.8.3"]
                                       [org.apache.storm/storm-server "2.8.3"]]}})

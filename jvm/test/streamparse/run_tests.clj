(ns streamparse.run-tests
  "All the tests here: clojure.main -m streamparse.run-tests"
  (:require [clojure.test :as test]
            [streamparse.dsl-test]
            [streamparse.options-test]
            [streamparse.topology-test]))

(defn -main []
  (let [{:keys [fail error]} (test/run-tests 'streamparse.dsl-test 'streamparse.options-test 'streamparse.topology-test)]
    (shutdown-agents)
    (System/exit (if (pos? (+ fail error)) 1 0))))

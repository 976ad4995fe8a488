(ns streamparse.options-test
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io]
            [clojure.test :refer [deftest is testing]]
            [streamparse.options :as options]))

(deftest values-are-read-as-the-table-says
  (doseq [[text value] (json/read-str (slurp (io/resource "options.json")))]
    (testing (pr-str text)
      (is (= value (options/option-value text))))))

(deftest a-key-ends-at-the-first-equals-sign
  (is (= ["worker.childopts" "-Xmx1g -XX:A=b"] (options/option "worker.childopts=-Xmx1g -XX:A=b")))
  (is (= ["a" ""] (options/option "a="))))

(deftest an-option-without-a-key-or-an-equals-sign-is-refused
  (is (thrown-with-msg? IllegalArgumentException #"--option abc: expected KEY=VALUE" (options/option "abc")))
  (is (thrown? IllegalArgumentException (options/option "=2"))))

(deftest of-two-equal-keys-the-later-wins
  (is (= {"a" 2 "b" "x"}
         (:options (options/parse [:options] {} ["-o" "a=1" "--option" "b=x" "-o" "a=2"])))))

(deftest flags-and-words-are-told-apart
  (is (= {:words ["x.clj"] :options {} :time 5 :debug true}
         (options/parse [:time :debug] {:time 0} ["x.clj" "--time" "5" "-d"]))))

(deftest what-a-command-does-not-have-is-refused
  (is (thrown-with-msg? IllegalArgumentException #"no option --wait" (options/parse [:time] {} ["--wait" "5"])))
  (is (thrown-with-msg? IllegalArgumentException #"--time needs a value" (options/parse [:time] {} ["--time"])))
  (is (thrown-with-msg? IllegalArgumentException #"-t soon: expected a whole number"
                        (options/parse [:time] {} ["-t" "soon"]))))

(deftest options-in-a-file-are-a-json-object
  (let [file (doto (java.io.File/createTempFile "options" ".json") .deleteOnExit)]
    (spit file "{\"b\": [1, null], \"c\": \"1e5\", \"a\": 2}")
    (is (= {"a" 2 "b" [1 nil] "c" "1e5"}
           (:options (options/parse [:options] {} ["-o" "a=1" "--options" (.getPath file)]))))))

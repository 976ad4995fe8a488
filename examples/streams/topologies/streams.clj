(ns streams
  (:use [streamparse.specs])
  (:gen-class))

(defn streams [options]
  [
    {"line-spout" (python-spout-spec
          options
          "access.LineSpout"
          ["line"])}

    ;; Two streams: what could be read, and what could not.
    {"parse-bolt" (python-bolt-spec
          options
          {"line-spout" :shuffle}
          "access.ParseBolt"
          {"default" ["user" "page"]
           "errors" ["line" "reason"]})
     "visits-bolt" (python-bolt-spec
          options
          {"parse-bolt" ["user"]}
          "access.VisitsBolt"
          ["user" "pages"]
          :p 2)
     "errors-bolt" (python-bolt-spec
          options
          {["parse-bolt" "errors"] :global}
          "access.ErrorsBolt"
          ["reason" "count"])}])

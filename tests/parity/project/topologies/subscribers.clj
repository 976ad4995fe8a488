(ns subscribers
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn subscribers [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Unreliable" ["n"])}
   {"a" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "b" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "Aa" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "BB" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "alpha" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "omega-bolt" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "count" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "writer" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "x y" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "log" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "7" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "zz-top" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "m.n" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])}])

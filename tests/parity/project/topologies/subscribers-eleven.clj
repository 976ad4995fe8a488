(ns subscribers-eleven
  (:use [streamparse.specs] [backtype.storm.clojure])
  (:gen-class))

(defn subscribers-eleven [options]
  [{"spout" (python-spout-spec options "scripted.spouts.Unreliable" ["n"])}
   {"cat" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "newt" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "ape" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "dog" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "eel" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "hen" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "zebra" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "ibis" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "kiwi" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "yak" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])
    "rat" (python-bolt-spec options {"spout" :global} "scripted.bolts.Take" [])}])

; Deposits and withdrawals, each account's in one task.
(ns accounts (:use [streamparse.specs]))

(defn accounts [options]
  [{"orders" (python-spout-spec options "tests.planted.parts.Reads" ["n" "account" "amount"])}
   {"book-bolt" (python-bolt-spec options {"orders" ["account"]} "tests.planted.flow.Accounts" [] :p 2)}])

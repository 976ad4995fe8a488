"""Whole topology files: what is read, what is refused and with which words, and that nothing else ever happens."""

import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.clj import parse_topology, read_topology
from simulator.model import Component, Grouping, Place, Topology, TopologyError
from tests.support.clojure import (
    BOLT,
    NS,
    SPOUT,
    WORDCOUNT,
    WORDCOUNT_COMPONENTS,
    S,
    components,
    one,
    problems,
    python,
    read,
    text_of,
    warnings,
)


def test_a_file_is_named_after_itself_and_its_components_know_their_places(tmp_path: Path) -> None:
    path = tmp_path / "wordcount.clj"
    path.write_text(WORDCOUNT)
    read_back = read_topology(path, {})
    assert read_back == Topology("wordcount", WORDCOUNT_COMPONENTS, str(path))
    assert read_back.warnings == ()
    assert [each.place for each in read_back.components.values()] == [
        Place(str(path), 9, 6),
        Place(str(path), 16, 6),
    ]


def test_a_text_without_a_file_is_named_after_its_last_definition() -> None:
    assert parse_topology(WORDCOUNT).name == "wordcount"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: re.sub(r";.*", "", text).replace("\n", " "),
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace('"word" "count"', '"word", "count",'),
        lambda text: text.replace(":p 2", "#_ #_ :p 3 :p 2"),
        lambda text: text.replace(":p 2", ":parallelism-hint 7 :p 2"),
        lambda text: text.replace("[\n    ;; where", "(topology\n    ;; where").replace(
            "  ]\n)", "))"
        ),
        lambda text: "#!/usr/bin/env sparse\n" + text,
    ],
)
def test_the_same_topology_can_be_written_in_many_ways(change: Any) -> None:
    text = change(WORDCOUNT)
    assert parse_topology(text, path="wordcount.clj").components == WORDCOUNT_COMPONENTS


def test_a_file_with_helpers_is_read_through_them() -> None:
    text = f"""{NS}
(def fields ["word" "n"])
(defn- words [options] {{{SPOUT}}})
(defn counter [options source par]
  (python-bolt-spec options {{source ["word"]}} "bolts.B" fields :p par))
(defn t [{{:strs [par] :or {{par 3}} :as options}}]
  (let [spouts (words options)
        more {{"c" (counter options "b" (inc par))}}]
    [spouts (merge {{"b" (counter options "s" par)}} more)]))"""
    by_word = Grouping("fields", ("word",))

    def counter(name: str, source: str, par: int) -> Component:
        inputs = {(source, "default"): by_word}
        return Component(
            name,
            "bolt",
            **python("bolts.B"),
            inputs=inputs,
            outputs=one("word", "n"),
            parallelism=par,
        )

    assert components(text) == [S, counter("b", "s", 3), counter("c", "b", 4)]
    assert components(text, par=5) == [S, counter("b", "s", 5), counter("c", "b", 6)]


def test_components_can_be_made_in_a_loop() -> None:
    text = text_of(SPOUT, "").replace(
        "{}])",
        '(into {} (for [i (range 2)] [(str "b-" i) (python-bolt-spec options {"s" :all} "b.B" [] :p (inc i))]))])',
    )
    made = [
        Component(
            f"b-{i}",
            "bolt",
            **python("b.B"),
            inputs={("s", "default"): Grouping("all")},
            outputs=one(),
            parallelism=i + 1,
        )
        for i in range(2)
    ]
    assert components(text) == [S, *made]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.clj:1:1: no form in the file; expected (defn name [options] [{spouts} {bolts}])"),
        (
            "; a comment\n",
            "t.clj:1:1: no form in the file; expected (defn name [options] [{spouts} {bolts}])",
        ),
        (
            "(ns t)\n[{} {}]",
            "t.clj:2:1: the last form defines nothing (Storm: streamparse takes what the last form defines for the "
            "topology); end the file with (defn name [options] [{spouts} {bolts}])",
        ),
        (
            "(defn t [] [{} {}])",
            "t.clj:1:9: t does not take one argument (Storm: calls it with the options alone: Wrong number of args (1) "
            "passed to: t); expected (defn t [options] ...)",
        ),
        (
            "(defn t [a b] [{} {}])",
            "t.clj:1:9: t does not take one argument (Storm: calls it with the options alone: Wrong number of args (1) "
            "passed to: t); expected (defn t [options] ...)",
        ),
        ("(defn t [options])", "t.clj:1:7: t gives nil, not two maps; expected [{spouts} {bolts}]"),
        ("(def t [{}])", "t.clj:1:6: t gives [a map], not two maps; expected [{spouts} {bolts}]"),
        (
            "(def t [{}\n {} {}])",
            "t.clj:2:5: t gives 3 maps, not two (Storm: ignores the third, and its components are lost); "
            "expected [{spouts} {bolts}]: put all bolts into one map",
        ),
        (
            "(def t [[] {}])",
            't.clj:1:9: the spouts are []; expected {"id" (python-spout-spec ...)}',
        ),
        (
            "import os\n\nclass T(Topology):\n    pass\n",
            "t.clj:1:1: this is Python; expected Clojure: (defn name [options] [{spouts} {bolts}])",
        ),
    ],
)
def test_a_file_that_is_no_topology_is_refused_in_one_line(text: str, message: str) -> None:
    assert problems(text) == [message]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            '"spouts.S"',
            't.clj:2:8: component "s": "spouts.S" is not a spout; expected (python-spout-spec ...)',
        ),
    ],
)
def test_a_value_that_is_no_spec_is_refused(form: str, message: str) -> None:
    assert problems(text_of(f'"s" {form}', "")) == [message]


@pytest.mark.parametrize(
    ("spouts", "bolts", "message"),
    [
        (
            f"{SPOUT}\n {SPOUT}",
            BOLT,
            't.clj:3:2: "s" is the key of a map twice (Storm: Duplicate key: "s"); keep one of the two',
        ),
        (
            SPOUT,
            BOLT.replace('"b"', '"s"'),
            't.clj:3:4: component "s": the id is taken by the spout of line 2 '
            "(Storm: Spout has already been declared for id s); give it another",
        ),
        (
            SPOUT.replace('"s"', ":s"),
            BOLT,
            "t.clj:2:4: the id of a component is :s (Storm: No matching method: setSpout); "
            'expected a string, such as "s"',
        ),
        (
            f"{SPOUT} {BOLT}",
            "",
            't.clj:2:60: component "b": a bolt among the spouts; '
            "expected [{spouts} {bolts}]: spouts in the first map, bolts in the second",
        ),
    ],
)
def test_wrong_ids_are_refused(spouts: str, bolts: str, message: str) -> None:
    assert problems(text_of(spouts, bolts)) == [message]


def test_all_mistakes_of_a_file_are_reported_at_once_and_each_once() -> None:
    spouts = '"s" (python-spout-spec options "s.S" ["a" "a"] :p 0) "u" (foo)'
    bolts = (
        '"b" (python-bolt-spec options {"s" ["zz"] "u" ["x"]} "b.B" [] :p (bar)) '
        '"c" (python-bolt-spec options {} 1 [])'
    )
    places = [
        re.match(r"t.clj:(\d+:\d+): (component \"\w\")?", line)
        for line in problems(text_of(spouts, bolts))
    ]
    assert [match.groups() for match in places if match] == [
        ("2:41", 'component "s"'),  # a field twice
        ("2:54", 'component "s"'),  # :p 0
        ("2:62", None),  # foo; that "b" takes from its unknown streams is nobody's mistake
        ("3:39", 'component "b"'),  # no field "zz"
        ("3:70", 'component "b"'),  # bar
        ("3:106", 'component "c"'),  # no inputs
        ("3:109", 'component "c"'),  # a class that is a number
    ]


def test_nothing_is_said_about_those_who_listen_to_what_could_not_be_made() -> None:
    made = '(into {} (for [i (foo)] [(str "s-" i) (python-spout-spec options "s.S" ["w"])]))'
    bolt = BOLT.replace('"s"', '"s-1"')
    assert problems(f"{NS}(defn t [options] [{made} {{{bolt}}}])") == [
        "t.clj:1:96: foo is not defined; "
        "a topology file is read, not run: write the value out, or take it from the options with get"
    ]


def test_options_that_nimbus_refuses_are_reported_with_the_file() -> None:
    assert problems(text_of(), topology__workers=0) == [
        't.clj: option "topology.workers" is 0 (Storm: Field TOPOLOGY_WORKERS must be a Positive Number); '
        "expected a whole number of at least 1"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            text_of().replace("defn t ", "defn u "),
            't.clj:1:65: "u" is defined in a file named "t" '
            '(Storm: streamparse 2.1.3 submits it by the name of the definition); call both "t"',
        ),
        (
            text_of(SPOUT, BOLT[:-1] + ' :conf {"topology.message.timeout.secs" 3})'),
            't.clj:3:79: component "b": :conf "topology.message.timeout.secs" has no effect in a component '
            "(Storm: drops it without a message); set it for the whole topology, with -o",
        ),
        (
            text_of(SPOUT, BOLT[:-1] + ' :conf {"topology.tasks" 0})'),
            't.clj:3:79: component "b": has no task, because topology.tasks is 0 '
            "(Storm: accepts it; 2.x dies at an emit to it); remove it, or set it to at least 1",
        ),
        (
            text_of(SPOUT, BOLT[:-1] + ' :conf {"topology.tick.tuple.freq.sec" 1})'),
            't.clj:3:79: component "b": :conf "topology.tick.tuple.freq.sec" is not a setting of Storm '
            '(did you mean "topology.tick.tuple.freq.secs"?)',
        ),
        (
            text_of(SPOUT, BOLT[:-1] + ' :conf {"topology.tick.tuple.freq.secs" 1.5})'),
            't.clj:3:79: component "b": :conf "topology.tick.tuple.freq.secs" is 1.5 (Storm: accepts it, and the '
            "worker dies, except of fractions before 2.0 and of strings since 2.0); "
            "expected a whole number of seconds",
        ),
        (
            text_of(SPOUT.replace('["word"]', '(direct-stream ["word"])')),
            't.clj:3:35: component "b": takes stream "default" of "s" by shuffle, but it is declared direct '
            "(Storm: accepts it, and kills the worker that emits to a task of this bolt); "
            "subscribe it :direct, or declare its fields without direct-stream",
        ),
        (
            text_of(SPOUT, BOLT.replace(":shuffle", ":direct")),
            't.clj:3:35: component "b": takes stream "default" of "s" by :direct, but it is not declared direct '
            "(Storm: accepts it, and kills the worker at an emit that names no task); "
            'declare it: {"default" (direct-stream [...])}',
        ),
    ],
)
def test_what_can_hardly_be_meant_is_read_with_a_warning(text: str, message: str) -> None:
    assert warnings(text) == [message]


def test_an_option_is_warned_of_when_it_looks_like_one_of_storms_and_is_none() -> None:
    near = {"topology.max.spout.pendin": 3, "topolgy.workers": 2, "topology.ackers": 1}
    own = {"topology.python.path": "python", "my.topology.workers": 1, "redis.host": "", "words": 1}
    assert warnings(text_of(), **near, **own) == [
        f't.clj: option "{wrong}" is not a setting of Storm (did you mean "{right}"?)'
        for wrong, right in [
            ("topology.max.spout.pendin", "topology.max.spout.pending"),
            ("topolgy.workers", "topology.workers"),
            ("topology.ackers", "topology.workers"),
        ]
    ]


def test_a_tick_that_kills_the_storm_that_will_run_it_is_refused() -> None:
    conf = ' :conf {"topology.tick.tuple.freq.secs" 1.5})'
    text = text_of(SPOUT, BOLT[:-1] + conf)
    with pytest.raises(TopologyError) as caught:
        parse_topology(text, path="t.clj", storm_version="2.8.3")
    assert str(caught.value) == (
        't.clj:3:79: component "b": :conf "topology.tick.tuple.freq.secs" is 1.5 '
        "(Storm: 2.8.3 accepts it, and the worker dies: Don't know how to convert 1.5 to int); "
        "expected a whole number of seconds"
    )
    assert parse_topology(text, path="t.clj", storm_version="1.2.4").warnings == ()


def test_a_sound_file_has_no_warnings() -> None:
    own = ' :conf {"my.key" 1 "topology.tick.tuple.freq.secs" 2 "topology.tasks" 3})'
    assert warnings(text_of(SPOUT, BOLT[:-1] + own)) == []


def file_problems(path: Path) -> str:
    with pytest.raises(TopologyError) as caught:
        read_topology(path, {})
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_missing_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "wordcount.clj").write_text(WORDCOUNT)
    message = (
        "wordcout.clj: cannot be read: No such file or directory (did you mean wordcount.clj?)"
    )
    assert file_problems(tmp_path / "wordcout.clj") == message


def test_a_folder_is_no_topology(tmp_path: Path) -> None:
    (tmp_path / "t.clj").mkdir()
    assert (
        file_problems(tmp_path / "t.clj")
        == "t.clj: cannot be read: Is a directory; expected a file such as topologies/wordcount.clj"
    )


def test_a_file_that_is_not_utf8_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "t.clj").write_bytes(b'; one\n(def t "\xe9")\n')
    assert (
        file_problems(tmp_path / "t.clj")
        == "t.clj: not UTF-8: byte 0xe9 in line 2; save it as UTF-8"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(def t 1e999999999)",
            "t.clj:1:6: t gives inf, not two maps; expected [{spouts} {bolts}]",
        ),
        (
            ";" * 1_000_001,
            "t.clj:1:1: 1000001 characters; a topology has at most 1000000; split it",
        ),
    ],
)
def test_a_file_that_is_too_large_or_is_a_number_is_refused(text: str, message: str) -> None:
    (line,) = problems(text)
    assert line.endswith(message)


def test_a_caller_that_is_deep_down_gets_an_error_it_can_catch() -> None:
    def dive(levels: int) -> None:
        if levels:
            dive(levels - 1)
        else:
            parse_topology("(def t " + "[" * 70 + "]" * 70 + ")")

    refused = 0
    for levels in range(0, 900, 50):
        try:
            dive(levels)
        except TopologyError:  # either way: no two maps, or no room
            refused += 1
        except RecursionError:
            break  # the dive itself ran out
    assert refused >= 15


PIECES = re.compile(r'"[^"]*"|[()\[\]{}]|:?[\w.*+!?$%&=<>/-]+|\s+|.', re.S)
CORPUS = [
    WORDCOUNT,
    text_of(),
    text_of(
        '"s" (shell-spout-spec ["a" "b"] {"x" (direct-stream ["y"])} :p 2 :conf {"k" [1 {"a" nil}]})',
        BOLT,
    ),
    f"{NS}(defn t [{{:strs [a] :or {{a 1}} :as options}}] (let [[x & y] [1 2]] "
    "[{} (into {} (for [i (range a)] [(str i) x]))]))",
]
FUNCTIONS = "get get-in merge assoc conj concat if cond or and quot / * + mod int first dissoc contains? count = < max"
ODDITIES = """#_ ' ^ @ & :as :or #inst 1N 0x1f 1.5 nil true ##Inf 1e400 \\a \x00 é"""
PARTS = {piece for text in CORPUS for piece in PIECES.findall(text) if not piece.isspace()}
WORDS = sorted(PARTS | {*FUNCTIONS.split(" "), *ODDITIES.split(" ")})


def mutant(seed: int) -> str:
    """A topology with one to four pieces replaced, added, removed, swapped or repeated."""
    rng = random.Random(seed)
    pieces = PIECES.findall(rng.choice(CORPUS))
    for _ in range(rng.randint(1, 4)):
        here, there = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        kind = rng.randrange(5)
        if kind == 0:
            pieces[here] = rng.choice(WORDS)
        elif kind == 1:
            pieces.insert(here, f" {rng.choice(WORDS)} ")
        elif kind == 2:
            pieces[here] = " "
        elif kind == 3:
            pieces[here], pieces[there] = pieces[there], pieces[here]
        else:
            pieces[here:here] = pieces[here : here + 20]
    return "".join(pieces)


def outcome(text: str) -> list[str]:
    """Either nothing, or the lines of what is wrong; anything else escapes and fails the test."""
    try:
        parse_topology(text, path="t.clj", options={"a": 2})
    except TopologyError as error:
        return str(error).splitlines()
    return []


@given(st.integers(min_value=0))
@example(0)
def test_a_damaged_topology_is_read_or_refused_line_by_line(seed: int) -> None:
    assert all(re.match(r"t\.clj(:\d+:\d+)?: .", line) for line in outcome(mutant(seed)))


@given(st.text() | st.text(alphabet="()[]{}\"'#^:;\\ \n_@`~,ab1/.-\xa0\ud800"))
def test_any_text_at_all_is_refused_line_by_line(text: str) -> None:
    lines = outcome(text)
    assert lines
    assert all(re.match(r"t\.clj(:\d+:\d+)?: .", line) for line in lines)


def chain(length: int) -> str:
    bolts = "\n".join(
        f'"bolt-{i}" (python-bolt-spec options {{"bolt-{i - 1}" ["word"] "s" :shuffle}} "bolts.B{i}" ["word" "n"] '
        f':p 2 :conf {{"topology.tick.tuple.freq.secs" {i} "k" [1 2 3]}})'
        for i in range(1, length)
    )
    return text_of(
        SPOUT, f'"bolt-0" (python-bolt-spec options {{"s" :shuffle}} "b.B" ["word"])\n{bolts}'
    )


def test_a_topology_of_many_components_costs_in_proportion_to_its_length() -> None:
    def steps(length: int) -> int:
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        text = chain(length)
        sys.setprofile(count)
        try:
            parse_topology(text)
        finally:
            sys.setprofile(None)
        return calls

    parse_topology(chain(2))  # the lexer is made once
    assert steps(400) < 2.2 * steps(200)


UNNEEDED = [
    '(def k (mk "a"))',
    "(defn mk [t] (let [c (SpoutConfig. t)] (set! (.scheme c) (Scheme.)) (KafkaSpout. c)))",
    '(def home (System/getenv "HOME"))',
    "(set! *warn-on-reflection* true)",
    '(println "reading")',
    "(declare later)",
    "(defmacro m [a & b] `(let [x# ~a] ~@b))",
    r"""(def all [#"a\d+\"" #(inc %) @state #(f %1 %&) \a \newline \( \; 1/2 #'v ::a #inst "2020" #{1} x'])""",
    "(def maps [#:a{:b 1} #=(+ 1 2) #my.Record[1]])",
    r'(defbolt b ["word"] [tuple collector] (emit-bolt! collector [@x \"]))',
    "(when-let [a (b)] (.start ^Thread a))",
    "(def deep (f 1)) (defn f [x] (f x))",
    '(def spec (python-bolt-spec options {"s" :shufle} 3 [] :p "x"))',
    '(def twice {(str 1) 1 (str "1") 2})',
    "(def later)",
]


@pytest.mark.parametrize("form", UNNEEDED)
def test_what_no_component_needs_is_not_evaluated(form: str) -> None:
    head, _, rest = text_of().partition("(defn")
    assert read(f"{head}\n{form}\n(defn{rest}") == read(text_of())


@pytest.mark.parametrize(
    "form",
    [
        '(println "making" options)',
        '(assert (get options "a") #"why")',
        '(let [x (System/getenv "X") y @state] (.close x))',
    ],
)
def test_a_form_in_a_body_whose_value_is_dropped_is_not_evaluated(form: str) -> None:
    body = text_of().replace("[options] [", f"[options] {form} (let [unused {form}] [")
    assert read(body.removesuffix(")") + "))") == read(text_of())


@pytest.mark.parametrize(
    ("definition", "finding"),
    [
        ('(def n (System/getenv "N"))', "System/getenv is not defined"),
        ("(def n @state)", "a dereference @ is not supported"),
        ("(def n (inc (f 1))) (defn f [x] (f x))", "f is not defined"),
        ("(def n)", "def n has no value"),
        ('(def m {"n" (foo) "o" (bar)}) (def n (get m "n"))', "foo is not defined"),
    ],
)
def test_what_a_component_needs_is_reported_once_where_it_stands(
    definition: str, finding: str
) -> None:
    spouts = " ".join(f'"s{i}" (python-spout-spec options "s.S" ["w"] :p n)' for i in range(2))
    text = text_of(spouts, "").replace("(defn t", f"{definition}\n(defn t")
    (line,) = problems(text)
    assert re.fullmatch(rf"t\.clj:1:\d+: {re.escape(finding)}(;.*)?", line)


def test_the_class_of_a_java_object_is_known_through_definitions() -> None:
    text = text_of('"k" (spout-spec k)', "").replace(
        "(defn t", '(defn mk [t] (a.K. t)) (def k (mk "a")) (defn t'
    )
    assert read(text).components["k"].jvm_class == "a.K"


# A program for a JVM, of the forms that storm-starter's have: components in Clojure, and a -main that submits.
PROGRAM = r"""
(ns org.example.starter.clj.counting-words
  (:import [org.apache.storm StormSubmitter LocalCluster]
           [org.apache.storm.testing TestWordSpout])
  (:use [org.apache.storm clojure config])
  (:gen-class))

(defspout lines ["line"]
  [conf context collector]
  (let [texts ["one two" "two three"]]
    (spout
      (nextTuple [] (Thread/sleep 100) (emit-spout! collector [(rand-nth texts)]))
      (ack [id]
        ;; nothing is kept
        ))))

(defspout lines-of ["line"] {:params [texts] :prepare false} [collector]
  (emit-spout! collector [(rand-nth texts)]))

(defbolt split ["word"] [tuple collector]
  (doseq [w (.split (.getString tuple 0) " ")] (emit-bolt! collector [w] :anchor tuple))
  (ack! collector tuple))

(defmacro noting [tuple & body] `(do (log-debug ~tuple) ~@body))

(defbolt counts ["word" "count"] {:prepare true :params [least] :conf {TOPOLOGY-TICK-TUPLE-FREQ-SECS least}}
  [conf context collector]
  (let [seen (atom {})]
    (bolt (execute [{word "word" :as tuple}]
      (swap! seen (partial merge-with +) {word 1})
      (noting tuple (emit-bolt! collector [word (@seen word)] :anchor tuple))))))

(defn mk-topology []
  (topology
    {"1" (spout-spec lines)
     "2" (spout-spec (lines-of ["four score"]) :p 2)
     "3" (spout-spec (TestWordSpout.) :p 3)}
    {"4" (bolt-spec {"1" :shuffle "2" :shuffle} split :p 5)
     "5" (bolt-spec {"4" ["word"]} (counts 3) :p 6)}))

(defn run-local! []
  (doto (LocalCluster.) (.submitTopology "words" {TOPOLOGY-DEBUG true} (mk-topology)) (.shutdown)))

(defn submit! [name] (StormSubmitter/submitTopology name {TOPOLOGY-WORKERS 3} (mk-topology)))

(defn -main ([] (run-local!)) ([name] (submit! name)))
"""


@pytest.mark.parametrize(
    "main", ["", "(defn -main [] (run-local!))\n", "(defn -main [& args] (submit! (first args)))"]
)
def test_a_program_that_submits_by_itself_is_told_how_to_end(main: str) -> None:
    path = "topologies/words.clj"
    with pytest.raises(TopologyError) as caught:
        parse_topology(PROGRAM + main, path=path)
    line = PROGRAM.count("\n") + (1 if main else 0)
    assert str(caught.value) == (
        f"{path}:{line}:1: the last form is -main, a program that submits by itself (Storm: streamparse takes what the "
        "last form defines for the topology); end the file with (defn words [options] (mk-topology)); sparse submits it"
    )


def test_a_program_for_a_jvm_is_read_when_it_ends_with_its_topology() -> None:
    topology = parse_topology(
        f"{PROGRAM}(defn words [options] (mk-topology))", path="topologies/words.clj"
    )
    found = topology.components.values()
    assert [(each.id, each.kind, each.parallelism, [*each.inputs.values()]) for each in found] == [
        ("1", "spout", None, []),
        ("2", "spout", 2, []),
        ("3", "spout", 3, []),
        ("4", "bolt", 5, [Grouping("shuffle"), Grouping("shuffle")]),
        ("5", "bolt", 6, [Grouping("fields", ("word",))]),
    ]  # fmt: skip
    assert (topology.warnings, parse_topology("(defn -main [options] [{} {}])").components) == (
        (),
        {},
    )

"""Topology files: what is read and how, what is refused and with which words, and that nothing else ever happens."""

import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.clj.file import parse_topology, read_topology
from simulator.model.problems import Place, TopologyError
from simulator.model.topology import Component, Grouping, Stream, Topology

NS = "(ns t (:use [streamparse.specs] [backtype.storm.clojure]))"
SPOUT = '"s" (python-spout-spec options "spouts.S" ["word"])'
BOLT = '"b" (python-bolt-spec options {"s" :shuffle} "bolts.B" ["word" "n"])'
SHUFFLE = Grouping("shuffle")


def python(name: str) -> dict[str, Any]:
    return {"command": ("python", "-m", "streamparse.run", name), "python_class": name}


def one(*fields: str) -> dict[str, Stream]:
    return {"default": Stream(fields)}


S = Component("s", "spout", **python("spouts.S"), outputs=one("word"))
B = Component(
    "b", "bolt", **python("bolts.B"), inputs={("s", "default"): SHUFFLE}, outputs=one("word", "n")
)


def text_of(spouts: str = SPOUT, bolts: str = BOLT) -> str:
    """A file of three lines: what is in the spouts' map is in line 2 from column 4 on, the bolts in line 3."""
    return f"{NS}(defn t [options] [\n  {{{spouts}}}\n  {{{bolts}}}])"


def read(text: str, **options: object) -> Topology:
    return parse_topology(
        text,
        path="t.clj",
        options={key.replace("__", "."): value for key, value in options.items()},
    )


def components(text: str, **options: object) -> list[Component]:
    return list(read(text, **options).components.values())


def spout_of(form: str, **options: object) -> Component:
    return components(text_of(f'"s" {form}', ""), **options)[0]


def bolt_of(form: str, spouts: str = SPOUT, **options: object) -> Component:
    return components(text_of(spouts, f'"b" {form}'), **options)[-1]


def value_of(expression: str, **options: object) -> object:
    """What an expression comes to, as it reaches a component in its configuration."""
    form = f'(python-spout-spec options "spouts.S" [] :conf {{"x" {expression}}})'
    return spout_of(form, **options).conf["x"]


def problems(text: str, **options: object) -> list[str]:
    with pytest.raises(TopologyError) as caught:
        read(text, **options)
    return str(caught.value).splitlines()


def warnings(text: str, **options: object) -> list[str]:
    return list(map(str, read(text, **options).warnings))


# -- whole files ---------------------------------------------------------------------------------------------------

WORDCOUNT = """
(ns wordcount
  (:use     [streamparse.specs])
  (:gen-class))

(defn wordcount [options]
   [
    ;; where words come from
    {"word-spout" (python-spout-spec
          options
          "spouts.words.WordSpout"
          ["word"]
          )
    }
    ;; and where they go
    {"count-bolt" (python-bolt-spec
          options
          {"word-spout" :shuffle}
          "bolts.wordcount.WordCounter"
          ["word" "count"]
          :p 2
          )
    }
  ]
)
"""

USE = "(:use     [streamparse.specs])"
WORDCOUNT_COMPONENTS = {
    "word-spout": Component(
        "word-spout", "spout", **python("spouts.words.WordSpout"), outputs=one("word")
    ),
    "count-bolt": Component(
        "count-bolt",
        "bolt",
        **python("bolts.wordcount.WordCounter"),
        inputs={("word-spout", "default"): SHUFFLE},
        outputs=one("word", "count"),
        parallelism=2,
    ),
}


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
        lambda text: text.replace("[streamparse.specs]", "[backtype.storm.clojure]"),
        lambda text: text.replace("[streamparse.specs]", "streamparse.specs [backtype.storm clojure]"),
        lambda text: text.replace(USE, "(use [streamparse.specs :only (python-spout-spec)])"),
        lambda text: text.replace(USE, "").replace("(defn", "(use 'streamparse.specs) (defn"),
        lambda text: text.replace(USE, "(:require [streamparse.specs :as s])").replace("(py", "(s/py"),
        lambda text: text.replace(USE, "(:require [streamparse.specs :refer :all])"),
        lambda text: text.replace("(:gen-class)", "(:import [a.b C]) (:gen-class :main true)"),
        lambda text: text.replace(":p 2", "#_ #_ :p 3 :p 2"),
        lambda text: text.replace(":p 2", ":parallelism-hint 7 :p 2"),
        lambda text: text.replace("[options]", '"counts words" {:added "1"} [options]'),
        lambda text: text.replace("defn wordcount [options]", "defn ^:export wordcount ([options]") + ")",
        lambda text: text.replace("wordcount [options]", "bananas [options]").replace("defn bananas", "defn wordcount"),
        lambda text: text.replace("(defn wordcount [options]", "(def options {}) (def wordcount"),
        lambda text: text.replace("[\n    ;; where", "(topology\n    ;; where").replace("  ]\n)", "))"),
        lambda text: "#!/usr/bin/env sparse\n" + text,
    ],
)  # fmt: skip
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


# -- components ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "options", "command", "python_class"),
    [
        ('(python-spout-spec options "a.B" ["x"])', {}, "python -m streamparse.run a.B", "a.B"),
        (
            '(python-spout-spec options "a.B" ["x"])',
            {"topology__python__path": "/venv/bin/python"},
            "/venv/bin/python -m streamparse.run a.B",
            "a.B",
        ),
        ('(shell-spout-spec ["python" "x.py"] ["x"])', {}, "python x.py", None),
        ('(shell-spout-spec "python" "x.py" ["x"])', {}, "python x.py", None),
        ('(shell-spout-spec ["bash" "-e" "x.sh"] ["x"])', {}, "bash -e x.sh", None),
        (
            '(shell-spout-spec ["py3" "-m" "streamparse.run" "a.B"] ["x"])',
            {},
            "py3 -m streamparse.run a.B",
            "a.B",
        ),
    ],
)
def test_a_spec_becomes_a_command(
    form: str, options: dict[str, object], command: str, python_class: str | None
) -> None:
    expected = Component("s", "spout", tuple(command.split(" ")), python_class, outputs=one("x"))
    assert spout_of(form, **options) == expected


@pytest.mark.parametrize(
    ("form", "command"),
    [
        ('(shell-bolt-spec {"s" :shuffle} ["python" "x.py"] ["x"])', ("python", "x.py")),
        ('(shell-bolt-spec {"s" :shuffle} "python" "x.py" ["x"])', ("python", "x.py")),
    ],
)
def test_a_shell_bolt_takes_a_list_or_two_strings(form: str, command: tuple[str, ...]) -> None:
    assert bolt_of(form) == Component(
        "b", "bolt", command, None, {("s", "default"): SHUFFLE}, one("x")
    )


@pytest.mark.parametrize(
    ("form", "component"),
    [
        (
            "(spout-spec (my.Spout. 1 (foo)) :p 2)",
            Component("s", "spout", jvm_class="my.Spout", parallelism=2),
        ),
        (
            '(spout-spec (new my.Spout) :conf {"a" 1})',
            Component("s", "spout", jvm_class="my.Spout", conf={"a": 1}),
        ),
        ("(spout-spec my-spout)", Component("s", "spout", jvm_class="my-spout")),
    ],
)
def test_a_component_of_the_jvm_has_no_command(form: str, component: Component) -> None:
    assert spout_of(form) == component


def test_whoever_subscribes_to_a_component_of_the_jvm_is_believed() -> None:
    text = text_of('"s" (spout-spec (my.Spout.))', '"b" (bolt-spec {["s" "any"] ["x"]} (my.Bolt.))')
    subscription = {("s", "any"): Grouping("fields", ("x",))}
    assert components(text)[1] == Component("b", "bolt", jvm_class="my.Bolt", inputs=subscription)


@pytest.mark.parametrize(
    ("written", "grouping"),
    [
        (":shuffle", SHUFFLE),
        (":local-or-shuffle", Grouping("local-or-shuffle")),
        (":all", Grouping("all")),
        (":global", Grouping("global")),
        (":none", Grouping("none")),
        ("nil", Grouping("none")),
        (":direct", Grouping("direct")),
        ('["word"]', Grouping("fields", ("word",))),
        ('(list "word")', Grouping("fields", ("word",))),
        ("[]", Grouping("global")),
        ("(PartialKeyGrouping.)", Grouping("partial-key")),
        ('(PartialKeyGrouping. ["word"])', Grouping("partial-key", ("word",))),
        (
            '(new org.apache.storm.grouping.PartialKeyGrouping (Fields. ["word"]))',
            Grouping("partial-key", ("word",)),
        ),
        ("(my.Grouping. 1)", Grouping("custom", java_class="my.Grouping")),
        ('(JavaObject. "my.Grouping" [])', Grouping("custom", java_class="my.Grouping")),
    ],
)
def test_every_grouping_of_storm_is_read(written: str, grouping: Grouping) -> None:
    bolt = bolt_of(f'(python-bolt-spec options {{"s" {written}}} "b.B" [])')
    assert bolt.inputs == {("s", "default"): grouping}


@pytest.mark.parametrize(
    ("written", "streams"),
    [
        ('["a" "b"]', one("a", "b")),
        ("[]", one()),
        ("{}", {}),
        ('{"x" ["a"] "y" []}', {"x": Stream(("a",)), "y": Stream(())}),
        (
            '{"default" ["a"] "d" (direct-stream ["b"])}',
            {**one("a"), "d": Stream(("b",), direct=True)},
        ),
        ('(direct-stream ["b"])', {"default": Stream(("b",), direct=True)}),
    ],
)
def test_outputs_are_fields_or_streams_of_fields(written: str, streams: dict[str, Stream]) -> None:
    assert spout_of(f'(python-spout-spec options "s.S" {written})').outputs == streams


def test_inputs_name_a_component_or_one_of_its_streams() -> None:
    spouts = (
        '"s" (python-spout-spec options "s.S" {"default" ["a"] "x" ["a"]})'
        '"r" (python-spout-spec options "s.R" ["a"])'
    )
    bolt = bolt_of(
        '(python-bolt-spec options {"s" :all, ["s" "x"] ["a"], ["r"] :global} "b.B" [])', spouts
    )
    assert bolt.inputs == {
        ("s", "default"): Grouping("all"),
        ("s", "x"): Grouping("fields", ("a",)),
        ("r", "default"): Grouping("global"),
    }


def test_a_component_configuration_is_what_json_makes_of_it() -> None:
    conf = '{"a" 1, "b" [1.5 "x" nil true {"c" ()}] "n" -7 TOPOLOGY-DEBUG false Config/TOPOLOGY_TASKS 2 3 "three"}'
    assert spout_of(f'(python-spout-spec options "s.S" [] :conf {conf})').conf == {
        "a": 1,
        "b": [1.5, "x", None, True, {"c": []}],
        "n": -7,
        "topology.debug": False,
        "topology.tasks": 2,
        "3": "three",
    }


# -- expressions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('(get options "par" 2)', 4),
        ('(get options "none" 2)', 2),
        ('(get options "none")', None),
        ('(options "par")', 4),
        ('(options "none" 5)', 5),
        ("(:a {:a 1})", 1),
        ('(get-in options ["deep" "er"])', 9),
        ('(get-in options ["deep" "none"] 8)', 8),
        ('(get ["a" "b"] 1)', "b"),
        ("(get {1 2} 1.0 3)", 3),
        ('(str "a" 1 nil :k true 1.0 1e10)', "a1:ktrue1.01.0E10"),
        ("(let [a 1 [b & c] [2 3 4] d (+ a b)] [a b c d])", [1, 2, [3, 4], 3]),
        ('(let [{:strs [x y] :or {y 2} z "z" :as all} {"x" 1 "z" 3}] [x y z (count all)])', [1, 2, 3, 2]),
        ("(let [{:keys [x]} {:x 1}] x)", 1),
        ('(merge {"a" 1 "b" 1} nil {"b" 2})', {"a": 1, "b": 2}),
        ('(assoc {"a" 1} "b" 2 "a" 3)', {"a": 3, "b": 2}),
        ('(dissoc {"a" 1 "b" 2} "a")', {"b": 2}),
        ('(conj [1] 2 3)', [1, 2, 3]),
        ('(conj {"a" 1} ["b" 2])', {"a": 1, "b": 2}),
        ('(into {} [["a" 1] ["b" 2]])', {"a": 1, "b": 2}),
        ("(into [1] [2])", [1, 2]),
        ('(hash-map "a" 1)', {"a": 1}),
        ("(vec (concat [1] (list 2) (vector 3)))", [1, 2, 3]),
        ("'(1 \"a\" :b)".replace(":b", "nil"), [1, "a", None]),
        ("(range 1 7 2)", [1, 3, 5]),
        ("(for [a [1 2] :when (> a 1) b [3 4] :let [c (* a b)]] c)", [6, 8]),
        ("[(first [1 2]) (second [1 2]) (last [1 2 3]) (first [])]", [1, 2, 3, None]),
        ("(if (= 1 1) 1 (foo))", 1),
        ("(if nil 1)", None),
        ("(if-not false 1 2)", 1),
        ("(when true 1 2)", 2),
        ("(when-not true 1)", None),
        ("(cond (< 2 1) 1 (nil? nil) 2 :else 3)", 2),
        ("(cond false 1)", None),
        ("[(or nil false 3) (or) (and 1 2) (and 1 nil 2) (and)]", [3, None, 2, None, True]),
        ("[(not nil) (not 0) (some? 1) (empty? []) (contains? {1 nil} 1)]", [True, False, True, True, True]),
        ("[(= 1 1.0) (= [1 2] '(1 2)) (= true 1) (not= 1 2)]", [False, True, False, True]),
        ("[(< 1 2 3) (>= 3 3 2) (<= 2 1) (> 1)]", [True, True, False, True]),
        ("[(+) (+ 1 2 3) (- 5) (- 5 2 1) (* 2 3) (*)]", [0, 6, -5, 2, 6, 1]),
        ("[(/ 6 3) (/ 1.0 4) (quot -7 2) (rem -7 2) (mod -7 2)]", [2, 0.25, -3, -1, 1]),
        ("[(max 1 3 2) (min 1 3) (inc 1) (dec 1) (int 2.9) (long -2.9)]", [3, 1, 2, 0, 2, -2]),
        ('[(Integer/parseInt "12") (Long/parseLong "-9223372036854775808")]', [12, -(2**63)]),
        ("(do 1 2)", 2),
        ("(clojure.core/str 1)", "1"),
        (r'"a\tb\\\"\u00e9\101\ud83d\ude00é"', 'a\tb\\"éA😀é'),
        ("[0x1F 12N 1.5M +3 -0.5e1]", [31, 12, 1.5, 3, -5.0]),
        ("[1 #_ 2 #_(foo bar) 3]", [1, 3]),
    ],
)  # fmt: skip
def test_an_expression_has_the_value_clojure_gives_it(expression: str, value: object) -> None:
    assert value_of(expression, par=4, deep={"er": 9}) == value


def test_an_unknown_function_in_a_branch_not_taken_does_no_harm() -> None:
    assert value_of('(if (get options "x") (System/exit 1) 1)') == 1


# -- what is refused -----------------------------------------------------------------------------------------------


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
            "(defn t [options]\n  [{} {}]",
            "t.clj:1:1: this ( is never closed (Storm: EOF while reading); expected )",
        ),
        (
            "(defn t [options]\n  [{} {})",
            "t.clj:2:9: found ), but the [ of line 2, column 3 is open; expected ] first",
        ),
        ("(def t [{} {}]))", "t.clj:1:16: ) closes nothing; remove it, or open it before"),
        ('(def t\n "abc', 't.clj:2:2: a string that is never closed; close it with "'),
        (
            '(def t [{"a"} {}])',
            "t.clj:1:10: the map of line 1 has a key without a value "
            "(Storm: Map literal must contain an even number of forms); expected {key value ...}",
        ),
        (
            "(def t ')",
            "t.clj:1:9: found ), but the ' of line 1, column 8 is open; expected a form first",
        ),
        ("(def t [{} {}])'", "t.clj:1:16: nothing follows this '; remove it"),
        ("(def t 012)", "t.clj:1:8: 012 is neither a number nor a name"),
        ("(def t 12abc)", "t.clj:1:8: 12abc is neither a number nor a name"),
        ("(def t 1/0)", 't.clj:1:8: "1/0" cannot be read; is it a string without quotes?'),
        ("(def t 1/2)", "t.clj:1:8: a ratio 1/2 is not supported; expected a decimal"),
        (r"(def t \a)", "t.clj:1:8: a character \\a is not supported; expected a string"),
        ('(def t #inst "2020")', "t.clj:1:8: a tag #inst is not supported; expected a string"),
        (
            "(def t #(+ 1 %))",
            "t.clj:1:8: a function literal #(...) is not supported; write the values out",
        ),
        ('(def t #"a+")', "t.clj:1:8: a regular expression is not supported; expected a string"),
        ("(def t @a)", "t.clj:1:8: a dereference @ is not supported; write the value out"),
        ("(def t `a)", "t.clj:1:8: a syntax quote ` is not supported; write the value out"),
        ("(def t #{1})", "t.clj:1:8: a set #{...} is not supported; expected a vector [...]"),
        ("(def\xa0t 1)", "t.clj:1:5: a no-break space is not supported; expected a plain space"),
        (
            "(def t {“a” 1})",
            't.clj:1:9: a typographic quote “ is not supported; expected straight quotes: "word"',
        ),
        (
            "\ufeff(def t 1)",
            "t.clj:1:1: a byte order mark is not supported; save the file as UTF-8 without it: Clojure cannot read it",
        ),
        (
            r'(def t "\d")',
            't.clj:1:9: "\\\\d" is not an escape sequence of Clojure (Storm: Unsupported escape character: \\d); '
            "write a backslash as \\\\",
        ),
        (
            r'(def t "\ud83d")',
            "t.clj:1:8: a string with half a surrogate pair; write the character itself",
        ),
        (
            '(def a {"a" 1\n "a" 2}) (def t [{} {}])',
            't.clj:2:2: "a" is the key of a map twice (Storm: Duplicate key: "a"); keep one of the two',
        ),
        ("(def)", "t.clj:1:1: def without a name; expected (def name ...)"),
        ("(def t 1 2)", "t.clj:1:1: def t with 2 values; expected (def t value)"),
        (
            "(defn t)",
            "t.clj:1:1: defn t has no [arguments] (Storm: Parameter declaration should be a vector); "
            "expected (defn t [options] ...)",
        ),
        (
            "(ns t (:uses [x])) (def t [{} {}])",
            "t.clj:1:7: ns: :uses is not supported (did you mean :use?); expected (:use [streamparse.specs])",
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
            '(shell-spout-spec options "spouts.Other" ["sentence"])',
            "t.clj:2:26: component \"s\": shell-spout-spec: the command is a map, as if these were options "
            "(Storm: array element type mismatch); "
            'expected (python-spout-spec options "module.Class" ["field"]) with options, '
            'or (shell-spout-spec ["command" "argument"] ["field"]) without',
        ),
        (
            '(shell-spout-spec "python" ["a"])',
            't.clj:2:26: component "s": shell-spout-spec: the command is "python" '
            "(Storm: array element type mismatch); "
            'expected ["python" "component.py"]',
        ),
        (
            '(python-spout-spec "s.S" ["w"] :p 2)',
            't.clj:2:27: component "s": python-spout-spec: the options are missing: it begins with "s.S"; '
            'expected (python-spout-spec options "module.Class" ["field"])',
        ),
        (
            '(python-spout-spec options "s.S")',
            't.clj:2:8: component "s": python-spout-spec is given 2 arguments '
            "(Storm: Wrong number of args (2) passed to: python-spout-spec); "
            'expected (python-spout-spec options "module.Class" ["field"])',
        ),
        (
            '(python-spout-spec options "s.S" "word")',
            't.clj:2:41: component "s": python-spout-spec: the fields of a stream are "word" '
            "(Storm: ClassCastException); "
            'expected ["word"]',
        ),
        (
            '(python-spout-spec options "s.S" nil)',
            't.clj:2:41: component "s": python-spout-spec: the fields of a stream are nil '
            "(Storm: NullPointerException); "
            'expected ["field"]',
        ),
        (
            '(python-spout-spec options "s.S" [:word])',
            't.clj:2:42: component "s": python-spout-spec: a field of a stream is :word (Storm: ClassCastException); '
            'expected "word"',
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :p)',
            't.clj:2:47: component "s": python-spout-spec: :p has no value (Storm: No value supplied for key: :p); '
            "expected :p 2",
        ),
        (
            '(python-spout-spec options "s.S" ["w"] 2)',
            't.clj:2:47: component "s": python-spout-spec: 2 is one argument too many '
            "(Storm: No value supplied for key: 2); "
            'expected (python-spout-spec options "module.Class" ["field"]), with :p and :conf after it',
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :p "2")',
            't.clj:2:50: component "s": python-spout-spec: :p is "2" (Storm: ClassCastException); '
            "expected a whole number of at least 1",
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :p 0)',
            't.clj:2:50: component "s": :p is 0 (Storm: Parallelism must be positive); expected at least 1',
        ),
        (
            '(python-spout-spec options "s.S" ["w"] :conf {"a" :b})',
            't.clj:2:58: component "s": python-spout-spec: :conf: :b is not JSON '
            '(Storm: sends it as text that is not JSON); expected "b"',
        ),
        (
            '(pyton-spout-spec options "s.S" ["w"])',
            't.clj:2:9: component "s": pyton-spout-spec is not defined (did you mean python-spout-spec?); '
            "a topology file is read, not run: write the value out, or take it from the options with get",
        ),
        (
            '(python-spout-spec options (.getName x) ["w"])',
            't.clj:2:36: component "s": the Java method .getName cannot be called without a JVM; write the value out',
        ),
        ('"spouts.S"', 't.clj:2:8: component "s": "spouts.S" is not a spout; expected (python-spout-spec ...)'),
    ],
)  # fmt: skip
def test_a_wrong_spout_is_refused_by_its_place_and_name(form: str, message: str) -> None:
    assert problems(text_of(f'"s" {form}', "")) == [message]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            '{"s" "shuffle"}',
            't.clj:3:39: component "b": python-bolt-spec: "shuffle" is not a valid grouping (did you mean :shuffle?) '
            "(Storm: shuffle is not a valid grouping); "
            "expected :shuffle, :local-or-shuffle, :all, :global, :none, :direct or a vector of fields",
        ),
        (
            '{"s" ["wrod"]}',
            't.clj:3:39: component "b": groups on "wrod", which stream "default" of "s" does not have '
            '(did you mean "word"?) (Storm: Component: [b] subscribes from stream: [default] of component [s] '
            'with non-existent fields: [wrod]); its fields are "word"',
        ),
        (
            '{["s" "err"] :all}',
            't.clj:3:35: component "b": subscribes to stream "err" of "s", which has no such stream '
            "(Storm: Component: [b] subscribes from non-existent stream: [err] of component [s]); "
            'it declares "default"',
        ),
        (
            '{["s" "default"] :all ["s" "default"] :shuffle}',
            't.clj:3:56: ["s" "default"] is the key of a map twice '
            '(Storm: Duplicate key: ["s" "default"]); keep one of the two',
        ),
        (
            "{:s :shuffle}",
            't.clj:3:35: component "b": python-bolt-spec: :s names no stream; '
            'expected "source" or ["source" "stream"]',
        ),
        (
            '["s"]',
            't.clj:3:34: component "b": python-bolt-spec: the inputs are ["s"]; expected {"word-spout" :shuffle}',
        ),
        (
            "{}",
            't.clj:3:34: component "b": a bolt without inputs, which no tuple ever reaches '
            '(Storm: accepts it without a message); subscribe it: {"source" :shuffle}',
        ),
    ],
)
def test_wrong_inputs_are_refused_by_their_place(inputs: str, message: str) -> None:
    assert problems(text_of(SPOUT, f'"b" (python-bolt-spec options {inputs} "b.B" [])')) == [
        message
    ]


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


def test_keys_that_come_out_equal_are_refused_like_keys_that_are_written_alike() -> None:
    twin = SPOUT.replace('"s"', '(str "s")')
    assert problems(text_of(f"{SPOUT} {twin}")) == [
        't.clj:2:56: "s" is the key of a map twice (Storm: Duplicate key: "s"); keep one of the two'
    ]


def test_options_that_nimbus_refuses_are_reported_with_the_file() -> None:
    assert problems(text_of(), topology__workers=0) == [
        't.clj: option "topology.workers" is 0 (Storm: Field TOPOLOGY_WORKERS must be a Positive Number); '
        "expected a whole number of at least 1"
    ]


# -- what is only hardly meant -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            text_of().replace("defn t ", "defn u "),
            't.clj:1:65: "u" is defined in a file named "t" '
            '(Storm: streamparse 2.1.3 submits it by the name of the definition); call both "t"',
        ),
        (
            text_of().replace("streamparse.specs", "streamparse.specs :only [python-bolt-spec]"),
            't.clj:2:9: component "s": python-spout-spec is used, but no ns form brings it in '
            "(Storm: Unable to resolve symbol: python-spout-spec in this context); "
            "add (:use [streamparse.specs]) to the ns form",
        ),
        (
            text_of(SPOUT, BOLT[:-1] + " :p 2.7)"),
            't.clj:3:75: component "b": :p is 2.7 (Storm: truncates it to 2); write 2',
        ),
        (
            text_of(SPOUT, BOLT[:-1] + " :parallelism 2)"),
            't.clj:3:72: component "b": :parallelism has no meaning (did you mean :parallelism-hint?) '
            "(Storm: ignores it); expected :p or :conf",
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
            text_of(SPOUT, BOLT[:-1] + " :conf {:a 1})"),
            't.clj:3:79: component "b": :conf: the key :a is a keyword, and reaches the component as ":a"; write "a"',
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
        (
            text_of(SPOUT.replace("spouts.S", "S")),
            't.clj:2:35: component "s": "S" is not a module and a class (Storm: starts a process, which dies at once); '
            'the class WordSpout of src/spouts/words.py is "spouts.words.WordSpout"',
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


@pytest.mark.parametrize(
    ("storm", "library"),
    [
        (None, "org.apache.storm.clojure"),
        ("0.10.2", "backtype.storm.clojure"),
        ("1.0.0", "org.apache.storm.clojure"),
        ("2.8.3", "org.apache.storm.clojure"),
    ],
)
def test_the_library_that_is_missing_is_that_of_the_storm_that_will_run_it(
    storm: str | None, library: str
) -> None:
    use = "(ns t (:use [streamparse.specs]))"
    text = f"{use}\n(defn t [options] (topology {{{SPOUT}}} {{{BOLT}}}))"
    assert [str(each) for each in parse_topology(text, path="t.clj", storm=storm).warnings] == [
        "t.clj:2:20: topology is used, but no ns form brings it in "
        f"(Storm: Unable to resolve symbol: topology in this context); add (:use [{library}]) to the ns form"
    ]


def test_a_tick_that_kills_the_storm_that_will_run_it_is_refused() -> None:
    conf = ' :conf {"topology.tick.tuple.freq.secs" 1.5})'
    text = text_of(SPOUT, BOLT[:-1] + conf)
    with pytest.raises(TopologyError) as caught:
        parse_topology(text, path="t.clj", storm="2.8.3")
    assert str(caught.value) == (
        't.clj:3:79: component "b": :conf "topology.tick.tuple.freq.secs" is 1.5 '
        "(Storm: 2.8.3 accepts it, and the worker dies: Don't know how to convert 1.5 to int); "
        "expected a whole number of seconds"
    )
    assert parse_topology(text, path="t.clj", storm="1.2.4").warnings == ()


def test_a_sound_file_has_no_warnings() -> None:
    own = ' :conf {"my.key" 1 "topology.tick.tuple.freq.secs" 2 "topology.tasks" 3})'
    assert warnings(text_of(SPOUT, BOLT[:-1] + own)) == []


# -- files ---------------------------------------------------------------------------------------------------------


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


# -- nothing runs away ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "t.clj:1:81: more than 80 levels of nesting; flatten it"),
        ("'" * 100_000, "t.clj:1:81: more than 80 levels of nesting; flatten it"),
        (
            "(defn f [x] (f x)) (def t (f 1))",
            "t.clj:1:13: more than 80 calls within each other; a topology file needs far less",
        ),
        (
            "".join(f"(defn f{i + 1} [x] [(f{i} x) (f{i} x)])" for i in range(40)).replace("(f0 x)", "x")
            + "(def t (f40 1))",
            "a value of more than 200000 parts; a topology file needs far less",
        ),
        (
            "(defn f0 [x] nil)"
            + "".join(f"(defn f{i + 1} [x] (do (f{i} x) (f{i} x)))" for i in range(30))
            + "(def t (f30 1))",
            "not evaluated after 1000000 steps; a topology file needs far less",
        ),
        (
            "(def a0 [1 1])" + "".join(f"(def a{i + 1} [a{i} a{i}])" for i in range(60)) + "(def t a60)",
            "a value of more than 200000 parts; a topology file needs far less",
        ),
        ("(def t (range 1000000000))", "t.clj:1:15: range: more than 200000 numbers; a topology needs far less"),
        ("(def t 1e999999999)", "t.clj:1:6: t gives inf, not two maps; expected [{spouts} {bolts}]"),
        ("(def t 1e99999999999999999999M)", "cannot be read; is it a string without quotes?"),
        (f"(def t {'9' * 5000})", "cannot be read; is it a string without quotes?"),
        (
            "(def t (* 4611686018427387904 2))",
            "t.clj:1:11: *: the result does not fit 64 bits (Storm: ArithmeticException: integer overflow)",
        ),
        ("(def t (/ 1 0))", "t.clj:1:11: /: a division by zero (Storm: ArithmeticException: Divide by zero)"),
        (";" * 1_000_001, "t.clj:1:1: 1000001 characters; a topology has at most 1000000; split it"),
    ],
)  # fmt: skip
def test_what_would_run_away_is_stopped_and_said(text: str, message: str) -> None:
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

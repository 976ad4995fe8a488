"""What becomes of the class of a topology: components, places, and all mistakes at once."""

# ruff: noqa: E501 (messages as they are)

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.model import Component, Grouping, Place, Stream
from tests.support.class_topologies import class_text, problems, project_of, read

PYTHON = ("python", "-m", "streamparse.run")
LINE = 7  # of the first line of the body


def test_a_class_becomes_the_topology_that_a_clojure_file_would_be(tmp_path: Path) -> None:
    body = """
config = {"topology.message.timeout.secs": 60}
count_bolt = Count.spec(name="count-bolt", inputs=[GlobalStreamId("words", "default")], par=2)
words = Words.spec(config={"a": [1, None]})
"""
    topology = read(project_of(tmp_path, {"t.py": class_text(body)}))
    assert (topology.name, dict(topology.conf), list(topology.components.values())) == (
        "t",
        {"topology.message.timeout.secs": 60},
        [
            Component(
                "words",
                "spout",
                command=(*PYTHON, "components.Words"),
                python_class="components.Words",
                outputs={"default": Stream(("word",))},
                conf={"a": [1, None]},
            ),
            Component(
                "count-bolt",
                "bolt",
                command=(*PYTHON, "components.Count"),
                python_class="components.Count",
                inputs={("words", "default"): Grouping("shuffle")},
                outputs={"default": Stream(("word", "count"))},
                parallelism=2,
            ),
        ],
    )


def test_every_part_knows_its_place(tmp_path: Path) -> None:
    body = """
words = Words.spec()
count = Count.spec(
    inputs={words: Grouping.fields("word")},
    par=2,
    config={"a": 1},
)
"""
    project = project_of(tmp_path, {"t.py": class_text(body)})
    path = f"{tmp_path}/topologies/t.py"
    count = read(project).components["count"]
    source = ("words", "default")
    assert [
        count.place,
        count.place_of("inputs", *source),
        count.place_of("groupings", *source),
        count.place_of("p"),
        count.place_of("conf", "a"),
        count.place_of("outputs", "default"),
    ] == [
        Place(path, LINE + 1, 5),
        Place(path, LINE + 2, 17),
        Place(path, LINE + 2, 24),
        Place(path, LINE + 3, 13),
        Place(path, LINE + 4, 17),
        Place(f"{tmp_path}/src/components.py", 14, 5),
    ]


TODAY = "words = Words.spec()\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", ['6:1: the topology has no spout; expected one at least: word_spout = WordSpout.spec()']),
        (
            TODAY + "count = Count.spec()",
            [
                '8:5: component "count": a bolt without inputs, which no tuple ever reaches (Storm: accepts it without '
                "a message); subscribe it: inputs={source: Grouping.SHUFFLE}"
            ],
        ),
        (
            TODAY + 'count = Count.spec(inputs={words: Grouping.fields("wrod")})',
            [
                '8:39: component "count": groups on "wrod", which stream "default" of "words" does not have (did you '
                'mean "word"?) (Storm: Component: [count] subscribes from stream: [default] of component [words] with '
                'non-existent fields: [wrod]); its fields are "word"'
            ],
        ),
        (
            TODAY + 'count = Count.spec(inputs={words["erors"]: Grouping.SHUFFLE})',
            [
                '8:32: component "count": subscribes to stream "erors" of "words", which has no such stream (Storm: '
                "Component: [count] subscribes from non-existent stream: [erors] of component [words]); it declares "
                '"default"'
            ],
        ),
        (
            TODAY + 'count = Count.spec(inputs=[GlobalStreamId("word", "default")])',
            [
                '8:32: component "count": subscribes to "word", and there is no such component (did you mean "words"?) '
                '(Storm: Component: [count] subscribes from non-existent component [word]); there are "words", "count"'
            ],
        ),
        (
            TODAY + "other = Words.spec(name='words')",
            ['8:5: component "words": the id is taken by words; give it another, with name='],
        ),
        (
            TODAY + "other = words",
            ['8:5: component "words": other and words are the same component; call spec() for each'],
        ),
        (
            TODAY + "count = Count()",
            ['8:5: component "count": count is an instance of Count; expected a spec: Count.spec(...)'],
        ),
        (
            "config = 3\n" + TODAY,
            ["7:5: the config of a topology is 3; expected a dict of settings"],
        ),
        (
            "config = {'a': {1}}\n" + TODAY,
            [
                "7:5: config: the value of 'a' is not JSON: set is not JSON serializable; expected numbers, texts, True, "
                "False, None, lists and dicts"
            ],
        ),
        (
            "words = Words.spec(par=0, name=3, config=[], outputs='word', nmae='x')",
            [
                '7:28: component "words": par is 0; expected a whole number of at least 1, or such numbers by '
                'environment: {"prod": 4}',
                '7:36: component "words": name is 3; expected a text, the id of the component',
                '7:46: component "words": config is a list; expected a dict of settings',
                "7:58: component \"words\": outputs is 'word'; expected a list of field names, or of Streams: ['word']",
                '7:71: component "words": spec() has no argument nmae; did you mean name?',
            ],
        ),
        (
            "words = Words.spec(outputs=['a', 'a'], name='__w')",
            [
                '7:5: component "__w": ids with __ in front are Storm\'s own (Storm: __w is not a valid component id); '
                'name it "w"',
                '7:32: component "__w": stream "default" declares the field "a" twice (Storm: duplicate field \'a\'); give '
                "each field its own name",
            ],
        ),
        (
            TODAY + 'count = Count.spec(inputs={words: "word", "words": Grouping.SHUFFLE})\n'
            "other = Count.spec(inputs={words: ['word'], Words: Grouping.SHUFFLE})\n"
            "third = Count.spec(inputs={words: Grouping.fields(), words['x']: Grouping})\n"
            "fourth = Count.spec(inputs=words['x'])\n"
            "fifth = Count.spec(inputs=[Words.spec])",
            [
                "8:39: component \"count\": the grouping of an input is 'word'; expected Grouping.fields('word')",
                "8:47: component \"count\": an input is 'words'; expected a spec: the attribute of this class, without "
                "quotes; for one that is defined later GlobalStreamId(componentId='words', streamId='default')",
                '9:39: component "other": the grouping of an input is a list; expected Grouping.fields(\'word\')',
                '9:49: component "other": an input is the class Words; expected a spec: the attribute of this class that '
                "is Words.spec()",
                '10:39: component "third": Grouping.fields() without a field; expected the name of one at least: '
                'Grouping.fields("word")',
                '10:70: component "third": the grouping of an input is the class Grouping; expected a call: '
                'Grouping.fields("field")',
                '11:32: component "fourth": inputs is a GlobalStreamId; put it into a list: [spec[\'stream\']]',
                '12:32: component "fifth": an input is the method Words.spec, which is not called; expected a spec: the '
                "attribute of this class that is Words.spec()",
            ],
        ),
        (
            "words = Words.spec(par={'prod': 0, 3: 1})",
            [
                "7:28: component \"words\": par for 'prod' is 0; expected a whole number of at least 1",
                '7:28: component "words": an environment of par is 3; expected its name, as in {"prod": 4}',
            ],
        ),
        (
            TODAY + 'count = Count.spec(inputs={words: Grouping.SHUFFLE, words["default"]: Grouping.fields("word")})',
            [
                "8:57: component \"count\": takes the same stream by Grouping.SHUFFLE, and by Grouping.fields('word'); "
                "expected one grouping for each stream"
            ],
        ),
        (
            "words = Words.spec(outputs=[])\nshell = ShellSpout.spec(command='a', script='b')",
            [
                '7:32: component "words": a spout without outputs, which can emit nothing; name its fields in the class '
                'Words: outputs = ["word"]',
                '8:5: component "shell": a spout without outputs, which can emit nothing; name its fields: '
                'outputs=["word"]',
            ],
        ),
        (
            TODAY + "count = Count.spec(inputs=[Words.spec()])",
            [
                "8:32: component \"count\": an input is Words.spec(name='Words'), which is not in this class; expected a "
                "component of the same class: give it an attribute of its own"
            ],
        ),
        (
            TODAY + 'shell = ShellBolt.spec(command="", script=None, inputs=[words])\n'
            "java = JavaBolt.spec(inputs=[words], args_list=[object()])\n"
            'both = JavaBolt.spec(inputs=[words], serialized_java=b"x", full_class_name="a.B")',
            [
                '8:36: component "shell": command is \'\'; expected a program, such as "node"',
                '8:47: component "shell": script is None; expected the one argument of the command, such as "bolt.js"; '
                'it may be ""',
                '9:5: component "java": full_class_name is None; expected the class with its package, as '
                '"my.package.Bolt"',
                '9:52: component "java": an argument of a Java class is an object; expected a list of booleans, numbers, '
                "texts and bytes",
                '10:58: component "both": both an object and a class are given; expected one of serialized_java and '
                "full_class_name",
            ],
        ),
        (
            TODAY + "count = Count.spec(inputs=[words], outputs=[Stream('a'), Stream(['b'], name=3)])",
            [
                "8:48: component \"count\": the fields of a Stream are 'a'; expected a list of names, such as ['a']",
                '8:48: component "count": the name of a Stream is 3; expected a text',
            ],
        ),
    ],
)  # fmt: skip
def test_all_mistakes_of_a_class_are_told_with_their_places(
    body: str, found: list[str], tmp_path: Path
) -> None:
    assert problems(project_of(tmp_path, {"t.py": class_text(body or "pass")})) == found


def test_what_is_passed_over_is_a_warning(tmp_path: Path) -> None:
    body = TODAY + "count = Count\nmore = [Words.spec()]\nNUMBER = 3\n\ndef method(self): ...\n"
    body += "twice = Words.spec()\ntwice = Words.spec()"
    topology = read(project_of(tmp_path, {"t.py": class_text(body)}))
    start = f"{tmp_path}/topologies/t.py:"
    assert [str(each).replace(start, "") for each in topology.warnings] == [
        "8:5: count is the class Count, and so no component of the topology; Count.spec() makes it one",
        "9:5: more is a list of specs, which are no components of the topology; give each an attribute of its own",
        "13: twice is set again below, so this Words is no component of the topology; "
        "give each an attribute of its own",
    ]


def test_a_component_of_the_topologys_own_file_is_refused(tmp_path: Path) -> None:
    text = class_text("own = Own.spec()").replace(
        "class T(", "class Own(Words):\n    pass\n\n\nclass T("
    )
    assert problems(project_of(tmp_path, {"t.py": text})) == [
        '11:5: component "own": Own is defined in the file of the topology, which no worker can import; expected it in a '
        "module in src/, such as src/bolts/t.py"
    ]


PAR = 'words = Words.spec(par={"prod": 4, "beta": 1})'


@pytest.mark.parametrize(
    ("envs", "environment", "found"),
    [
        (("prod",), None, 4),
        (("prod", "beta"), "beta", 1),
        (
            ("prod", "beta"),
            None,
            'par depends on the environment: it has "prod", "beta"; say which with -e NAME, or environment=',
        ),
        (
            (),
            None,
            'par depends on the environment: it has "prod", "beta"; say which with -e NAME, or environment=',
        ),
        (
            ("prdo",),
            None,
            "par has no number for the environment 'prdo' (did you mean \"prod\"?) (Storm: runs one task, without a "
            'message); add \'prdo\' to it; it has "prod", "beta"',
        ),
    ],
)
def test_par_by_environment_is_that_of_the_one_asked_for_or_the_only_one(
    envs: tuple[str, ...], environment: str | None, found: int | str, tmp_path: Path
) -> None:
    project = project_of(tmp_path, {"t.py": class_text(PAR)}, envs={name: {} for name in envs})
    if isinstance(found, int):
        read_one = read(project, environment=environment)
        assert read_one.components["words"].parallelism == found
    else:
        assert problems(project, environment=environment) == [f'7:28: component "words": {found}']

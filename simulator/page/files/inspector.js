// The inspector: all that is known of what is selected, each thing a link to the next.

const MOST_LISTED = 100; // of what belongs to something: inputs, log lines

function drawInspector(root, run) {
  const chosen = selection();
  const show = chosen && INSPECTED[chosen.kind];
  root.replaceChildren();
  root.classList.toggle("empty", !show);
  if (!show) return;
  root.append(
    make(
      "button",
      { type: "button", class: "close", title: "Close (Esc)", onclick: () => go({ select: null }) },
      "×",
    ),
    ...show(run, chosen.place, chosen.part).flat(Infinity).filter(Boolean),
  );
}

const INSPECTED = {
  tuple: (run, copy) => (copy < run.copies.emit.length ? inspectTuple(run, copy) : []),
  emit: (run, emit) => (emit < run.emits.event.length ? inspectEmit(run, emit, null) : []),
  value: (run, emit, part) => (emit < run.emits.event.length ? inspectEmit(run, emit, part) : []),
  tree: (run, tree) => (tree < run.trees.emit.length ? inspectTree(run, tree) : []),
  component: (run, place) => (place < run.components.length ? inspectComponent(run, place) : []),
  task: (run, task) => (run.taskOf.has(task) ? inspectTask(run, task) : []),
  event: (run, event) => (event < run.size ? inspectEvent(run, event) : []),
  log: (run, place) => (place < run.logs.length ? inspectLog(run, place) : []),
  error: (run, place) => (place < run.errors.length ? inspectError(run, place) : []),
};

/** The values of an emit; each is a link to where it came from. */
function valueLinks(run, emit, part = null) {
  const names = fieldsOf(run, emit);
  const values = splitValues(valuesText(run, emit));
  return make(
    "ol",
    { class: "values", "aria-label": "Values" },
    values.map((value, place) =>
      make(
        "li",
        { class: place === part ? "chosen" : null },
        names[place] ? make("span", { class: "field" }, `${names[place]} `) : null,
        make(
          "a",
          { href: address({ select: `value-${emit}.${place}` }), title: "Where it came from" },
          cut(value, 200),
        ),
      ),
    ),
  );
}

function fieldsOf(run, emit) {
  const source = componentOf(run, emitTask(run, emit)),
    stream = streamName(run, emit);
  return run.graph.links.find((each) => each.source === source && each.stream === stream)?.fields ?? [];
}

function timeLink(at) {
  return link({ view: "timeline", from: Math.max(0, at - 500), to: at + 500 }, time(at));
}

function taskLink(run, task) {
  return link({ select: `task-${task}` }, taskName(run, task));
}

function tupleLink(run, copy, words = cut(valuesText(run, run.copies.emit[copy]), 60)) {
  return link({ select: `tuple-${copy}` }, words);
}

function emitLink(run, emit) {
  return link({ select: `emit-${emit}` }, cut(valuesText(run, emit), 60));
}

function treeLink(run, tree) {
  return link({ view: "trees", select: `tree-${tree}` }, treeName(run, tree));
}

function inspectTuple(run, copy) {
  const { due, start, end, emit, task } = run.copies;
  const anchors = listed(run.emits.anchors[emit[copy]]);
  const by = emitTask(run, emit[copy]);
  const waited = start[copy] >= 0 ? start[copy] - due[copy] : null;
  return [
    make("h2", {}, mark(run.states[run.copies.state[copy]]), " Tuple"),
    valueLinks(run, emit[copy]),
    facts([
      ["at", taskLink(run, task[copy])],
      ["fate", fate(run, copy)],
      ["stream", streamName(run, emit[copy])],
      [
        "emitted",
        [
          timeLink(emitAt(run, emit[copy])),
          " by ",
          taskLink(run, by),
          ", ",
          link({ select: `emit-${emit[copy]}` }, "the emit"),
        ],
      ],
      ["came", time(due[copy])],
      [
        run.knowsTaken ? "taken" : "taken (derived)",
        start[copy] >= 0 ? [time(start[copy]), waited > 0 ? `, waited ${time(waited)}` : ""] : "never",
      ],
      [
        "settled",
        end[copy] >= 0
          ? [timeLink(end[copy]), start[copy] >= 0 ? `, after ${time(end[copy] - start[copy])}` : ""]
          : "never",
      ],
      ["because of", anchors.length ? listOf(anchors, (each) => tupleLink(run, each)) : null],
      ["Storm’s id", run.copies.id[copy]],
    ]),
    treesOf(run, emit[copy]),
    emittedBecause(run, copy),
    aroundIt(run, copy),
    errorsOf(run, copy),
    logLines(run, run.logsOf.get(copy) ?? [], "Log lines of this tuple"),
  ];
}

function errorsOf(run, copy) {
  const own = run.errors.map((_, place) => place).filter((place) => run.errors[place].copy === copy);
  return own.length
    ? [
        make("h3", {}, "Errors at work on it"),
        listOf(own, (place) =>
          link({ select: `error-${place}` }, cut(errorTitle(run, run.errors[place]), 120)),
        ),
      ]
    : null;
}

function treesOf(run, emit) {
  const trees = listed(run.emits.trees[emit]);
  return facts([
    [
      trees.length === 1 ? "tree" : "trees",
      listOf(trees, (tree) => [treeLink(run, tree), `, ${outcome(run, tree)}`]),
    ],
  ]);
}

function emittedBecause(run, copy) {
  const emits = [...run.emitsOf(copy)];
  if (!emits.length) return null;
  return [
    make("h3", {}, "Emitted because of it"),
    listOf(emits, (emit) => [
      emitLink(run, emit),
      " to ",
      run.copiesOf(emit).length
        ? [...run.copiesOf(emit)].map((each, place) => [
            place ? ", " : "",
            tupleLink(run, each, taskName(run, run.copies.task[each])),
          ])
        : "nobody",
    ]),
  ];
}

function listOf(items, shown, total = items.length) {
  const most = items.slice(0, MOST_LISTED);
  return make(
    "ul",
    {},
    most.map((each) => make("li", {}, shown(each))),
    total > most.length
      ? make("li", { class: "more" }, `and ${(total - most.length).toLocaleString("en")} more`)
      : null,
  );
}

function inspectEmit(run, emit, part) {
  const anchors = listed(run.emits.anchors[emit]),
    task = emitTask(run, emit);
  const copies = [...run.copiesOf(emit)];
  const values = splitValues(valuesText(run, emit));
  const name = part === null ? null : (fieldsOf(run, emit)[part] ?? `value ${part + 1}`);
  return [
    make("h2", {}, part === null ? "Emit" : `Where ${name} came from`),
    part === null
      ? null
      : make(
          "p",
          {},
          make("code", {}, cut(values[part] ?? "", 200)),
          " was emitted by ",
          taskLink(run, task),
          " at ",
          timeLink(emitAt(run, emit)),
          anchors.length ? ", at work on:" : ", which had no input for it.",
        ),
    part !== null && anchors.length
      ? make(
          "ul",
          { class: "inputs" },
          anchors
            .slice(0, MOST_LISTED)
            .map((each) =>
              make(
                "li",
                {},
                tupleLink(run, each, taskName(run, emitTask(run, run.copies.emit[each]))),
                valueLinks(run, run.copies.emit[each]),
                sameValue(run, each, values[part]),
              ),
            ),
        )
      : null,
    part === null ? null : make("h3", {}, "The emit"),
    valueLinks(run, emit, part),
    facts([
      ["by", taskLink(run, task)],
      ["at", timeLink(emitAt(run, emit))],
      ["stream", streamName(run, emit)],
      ["message id", run.emits.id[emit] === NOTHING ? null : run.texts[run.emits.id[emit]]],
      ["input", anchors.length ? listOf(anchors, (each) => tupleLink(run, each)) : "none"],
      [
        "copies",
        copies.length
          ? listOf(copies, (each) => [
              tupleLink(run, each, taskName(run, run.copies.task[each])),
              `, ${fate(run, each)}`,
            ])
          : "it went to nobody",
      ],
    ]),
    treesOf(run, emit),
  ];
}

function sameValue(run, copy, value) {
  const emit = run.copies.emit[copy];
  const place = splitValues(valuesText(run, emit)).indexOf(value);
  if (place < 0) return null;
  return make(
    "p",
    {},
    "The same value was in ",
    link({ select: `value-${emit}.${place}` }, fieldsOf(run, emit)[place] ?? `value ${place + 1}`),
    " of it.",
  );
}

function inspectTree(run, tree) {
  const emit = run.trees.emit[tree],
    attempts = run.attemptsOf.get(run.trees.first[tree]);
  const ended = run.trees.end[tree];
  return [
    make("h2", {}, mark(run.outcomes[run.trees.outcome[tree]]), " Tree of ", treeName(run, tree)),
    valueLinks(run, emit),
    facts([
      ["outcome", outcome(run, tree)],
      ["emitted", [timeLink(emitAt(run, emit)), " by ", taskLink(run, emitTask(run, emit))]],
      ["ended", ended >= 0 ? [timeLink(ended), `, after ${time(ended - emitAt(run, emit))}`] : null],
      [
        "attempts",
        attempts.length > 1
          ? listOf(attempts, (each) => [
              each === tree
                ? `${run.trees.attempt[each]} (this)`
                : link({ select: `tree-${each}` }, String(run.trees.attempt[each])),
              `, ${outcome(run, each)}`,
            ])
          : null,
      ],
      ["tree", link({ view: "trees", select: `tree-${tree}` }, "show it")],
    ]),
    heldUp(run, tree),
    attemptsCost(run, tree),
  ];
}

/** Who held the tuples of a tree that timed out, or that is pending. */
function heldUp(run, tree) {
  const by = run.trees.outcome[tree];
  if (by !== TIMEOUT && by !== PENDING) return null;
  const at = by === TIMEOUT ? run.trees.end[tree] : run.endMs;
  const left = unsettledAt(run, tree, at);
  if (!left.length) return null;
  return [
    make("h3", {}, by === TIMEOUT ? "Not settled when it timed out" : "Not settled at the end"),
    listOf(left, (copy) => [
      taskLink(run, run.copies.task[copy]),
      " ",
      whyUnsettled(run, copy, at),
      " ",
      tupleLink(run, copy),
    ]),
  ];
}

function whyUnsettled(run, copy, at) {
  const { start, end, state } = run.copies,
    struck = fault(run, copy);
  if (struck === "lost-ack") return "acked, and the ack was lost:";
  if (struck === "lost-fail") return "failed, and the fail was lost:";
  if (struck === "drop") return "never got, it was dropped:";
  if (state[copy] === LOST) return "lost when its worker died:";
  if (end[copy] > at) return `settled too late, at ${time(end[copy])}:`;
  if (start[copy] >= 0 && start[copy] <= at) return "held";
  return run.knowsTaken ? "had waiting" : "had, taken or waiting,";
}

/** What it cost that a message was not acked at once: time, and work that was done again. */
function attemptsCost(run, tree) {
  const attempts = run.attemptsOf.get(run.trees.first[tree]);
  if (attempts.length < 2) return null;
  const first = attempts[0],
    last = attempts[attempts.length - 1];
  const again = attempts.slice(1).reduce((sum, each) => sum + copiesOfTree(run, each).length, 0);
  const acked = attempts.find((each) => run.trees.outcome[each] === TREE_ACKED);
  const late = acked === undefined ? null : run.trees.end[acked] - emitAt(run, run.trees.emit[first]);
  const own = acked === undefined ? 0 : run.trees.end[acked] - emitAt(run, run.trees.emit[acked]);
  return [
    make("h3", {}, "What it cost"),
    facts([
      [
        "acked",
        acked === undefined
          ? `not yet, after ${attempts.length} attempts`
          : `at attempt ${run.trees.attempt[acked]}`,
      ],
      [
        "time",
        late === null
          ? null
          : `${time(late)} from the first emit to the ack, ${time(late - own)} longer than that attempt alone`,
      ],
      ["work", `${count(again, "tuple")} sent again in ${count(attempts.length - 1, "more attempt")}`],
      ["last attempt", last === tree ? null : link({ select: `tree-${last}` }, String(attempts.length))],
    ]),
  ];
}

function inspectEvent(run, event) {
  const name = run.kinds[run.events.kind[event]],
    task = run.events.task[event],
    at = run.events.at[event];
  return [
    make("h2", {}, name),
    facts([
      ["task", taskLink(run, task)],
      ["at", timeLink(at)],
      ["what", eventWords(run, event)],
    ]),
    name === "died" || name === "restart" ? diedTogether(run, deathOf(run, event)) : null,
    name === "error" ? errorsAt(run, task, at) : null,
  ];
}

function errorsAt(run, task, at) {
  return run.errors
    .filter((each) => each.task === task && each.at === at)
    .map((each) => errorText(run, each));
}

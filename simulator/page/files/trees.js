// The trees: a list of the messages, and one message with all its attempts.

const TREE_ROWS = 300; // in the list
const TREE_NODES = 400; // of one tree, before the rest is asked for

/** Which messages are listed: those of which an attempt is so. */
const SORTS = {
  unusual: [
    "all that is unusual",
    (run, tree) =>
      (run.trees.outcome[tree] !== TREE_ACKED && run.trees.outcome[tree] !== UNTRACKED) ||
      run.trees.attempt[tree] > 1,
  ],
  timeout: ["failed by timeout", (run, tree) => run.trees.outcome[tree] === TIMEOUT],
  failed: ["failed by a bolt", (run, tree) => run.trees.outcome[tree] === TREE_FAILED],
  pending: ["pending at the end", (run, tree) => run.trees.outcome[tree] === PENDING],
  forgotten: ["forgotten by their spout", (run, tree) => run.trees.outcome[tree] === FORGOTTEN],
  again: ["emitted again", (run, tree) => run.trees.attempt[tree] > 1],
  all: ["all", () => true],
};

function messagesMatching(run, name) {
  const found = [];
  for (let tree = 0; tree < run.trees.emit.length; tree++) if (SORTS[name][1](run, tree)) found.push(tree);
  return messagesOf(run, found);
}

function drawTrees(root, run) {
  run.sorted ??= Object.keys(SORTS)
    .map((name) => [name, messagesMatching(run, name)])
    .filter(([name]) => run.totals.messages[name] || name === "all");
  const shown = run.sorted.find(([name]) => name === here.trees) ?? run.sorted[0];
  const [filter, messages] = shown,
    chosen = selection();
  const open = treeOfSelection(run, chosen) ?? messages[0]?.[0];
  const select = make(
    "select",
    { id: "which", onchange: (event) => go({ trees: event.target.value }) },
    run.sorted.map(([name]) =>
      make(
        "option",
        { value: name, selected: name === filter },
        `${SORTS[name][0]} (${run.totals.messages[name].toLocaleString("en")})`,
      ),
    ),
  );
  root.append(
    sampled(run) ?? "",
    make(
      "div",
      { class: "columns" },
      make(
        "section",
        { class: "list", "aria-label": "Messages" },
        make("label", { for: "which" }, "Messages "),
        select,
        make(
          "ul",
          { class: "messages" },
          messages.slice(0, TREE_ROWS).map((attempts) => messageItem(run, attempts, open)),
        ),
        messages.length > TREE_ROWS
          ? make(
              "p",
              { class: "more" },
              `and ${(run.totals.messages[filter] - TREE_ROWS).toLocaleString("en")} more: search for an id or a value`,
            )
          : null,
      ),
      make(
        "section",
        { class: "tree", "aria-label": "Tree" },
        open === undefined
          ? make("p", {}, "No message.")
          : run.attemptsOf
              .get(run.trees.first[open])
              .map((tree, _, all) => attempt(run, tree, all.length, tree === open)),
      ),
    ),
  );
}

/** A message in the list: how its last attempt ended, and the number of attempts. */
function messageItem(run, attempts, open) {
  const last = attempts[attempts.length - 1],
    emit = run.trees.emit[last],
    id = treeId(run, last);
  const isOpen = open !== undefined && run.trees.first[open] === run.trees.first[last];
  return make(
    "li",
    { class: isOpen ? "chosen" : null },
    make(
      "a",
      { href: address({ select: `tree-${attempts[0]}` }), "aria-current": isOpen ? "true" : null },
      mark(run.outcomes[run.trees.outcome[last]]),
      id ? ` id ${cut(id, 40)} ` : " ",
      make("code", {}, cut(valuesText(run, emit), 60)),
      attempts.length > 1 ? make("span", { class: "field" }, ` ${attempts.length} attempts`) : null,
    ),
  );
}

/** The tree that the selected thing is in; of several, the first. */
function treeOfSelection(run, chosen) {
  if (!chosen) return undefined;
  if (chosen.kind === "tree") return chosen.place < run.trees.emit.length ? chosen.place : undefined;
  if (chosen.kind === "tuple" && chosen.place < run.copies.emit.length)
    return listed(run.emits.trees[run.copies.emit[chosen.place]])[0];
  if ((chosen.kind === "emit" || chosen.kind === "value") && chosen.place < run.emits.event.length)
    return listed(run.emits.trees[chosen.place])[0];
  return undefined;
}

function attempt(run, tree, attempts, isOpen) {
  const emit = run.trees.emit[tree],
    id = treeId(run, tree),
    end = run.trees.end[tree];
  const name = id === "" ? "no message id" : `id ${id}`;
  return make(
    "details",
    { open: isOpen || attempts <= 3, class: isOpen ? "attempt chosen" : "attempt" },
    make(
      "summary",
      {},
      mark(run.outcomes[run.trees.outcome[tree]]),
      ` ${name}${attempts > 1 ? `, attempt ${run.trees.attempt[tree]} of ${attempts}` : ""}: `,
      make("strong", {}, outcome(run, tree)),
      ` ${time(emitAt(run, emit))}${end >= 0 ? ` to ${time(end)}` : ""}`,
    ),
    heldUp(run, tree),
    walkable(
      make(
        "ul",
        { role: "tree", "aria-label": `Tree of ${treeName(run, tree)}` },
        emitNode(run, emit, { left: TREE_NODES, seen: new Set() }, 1),
      ),
    ),
  );
}

/** Let arrow keys go through a tree: up and down, left to what an item belongs to, right to the first that belongs to it. */
function walkable(tree) {
  const items = [...tree.querySelectorAll("[role=treeitem]")];
  items.forEach((item, place) => {
    item.tabIndex = place ? -1 : 0;
  });
  tree.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]"),
      place = items.indexOf(item);
    const next = {
      ArrowDown: items[place + 1],
      ArrowUp: items[place - 1],
      Home: items[0],
      End: items[items.length - 1],
      ArrowLeft: item.parentElement.closest("[role=treeitem]"),
      ArrowRight: item.querySelector("[role=treeitem]"),
    };
    if (event.key === "Enter" && event.target === item) item.querySelector("a")?.click();
    if (!(event.key in next)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!next[event.key]) return;
    for (const each of items) each.tabIndex = each === next[event.key] ? 0 : -1;
    next[event.key].focus();
  });
  return tree;
}

function emitNode(run, emit, room, level) {
  const copies = [...run.copiesOf(emit)];
  if (room.seen.has(emit))
    return treeItem(
      level,
      [
        make("span", { class: "from" }, taskName(run, emitTask(run, emit))),
        " ",
        emitLink(run, emit),
        " (shown above: it has more than one anchor)",
      ],
      [],
    );
  room.seen.add(emit);
  const anchors = listed(run.emits.anchors[emit]).length,
    stream = streamName(run, emit);
  return treeItem(
    level,
    [
      taskLink(run, emitTask(run, emit)),
      " emitted ",
      inlineValues(run, emit),
      stream === "default" ? "" : ` on ${stream}`,
      anchors > 1 ? `, anchored to ${anchors} tuples` : "",
      ` at ${time(emitAt(run, emit))}`,
      copies.length ? "" : ", to nobody",
    ],
    copies.map((copy) => copyNode(run, copy, room, level + 1)),
  );
}

/** Values in a line, each a link to where it came from. */
function inlineValues(run, emit) {
  const selected = selection();
  return make(
    "span",
    { class: "inline" },
    splitValues(valuesText(run, emit)).map((value, place) => [
      place ? ", " : "",
      make(
        "a",
        {
          href: address({ select: `value-${emit}.${place}` }),
          title: "Where it came from",
          class:
            selected?.kind === "value" && selected.place === emit && selected.part === place
              ? "value chosen"
              : "value",
        },
        cut(value, 60),
      ),
    ]),
  );
}

function copyNode(run, copy, room, level) {
  if (room.left-- <= 0) return treeItem(level, [link({ select: `tuple-${copy}` }, "more")], []);
  const { start, end, state } = run.copies,
    selected = selection();
  const logs = run.logsOf.get(copy)?.length ?? 0;
  const when =
    end[copy] >= 0 ? `${time(begins(run, copy))} to ${time(end[copy])}` : `from ${time(begins(run, copy))}`;
  return treeItem(
    level,
    [
      mark(run.states[state[copy]]),
      " ",
      link({ select: `tuple-${copy}` }, `at ${taskName(run, run.copies.task[copy])}`),
      `: ${fate(run, copy)}, ${start[copy] < 0 && end[copy] < 0 ? "not taken" : when}`,
      logs ? `, ${count(logs, "log line")}` : "",
    ],
    [...run.emitsOf(copy)].map((emit) => emitNode(run, emit, room, level + 1)),
    selected?.kind === "tuple" && selected.place === copy,
  );
}

function treeItem(level, words, children, isChosen = false) {
  return make(
    "li",
    {
      role: "treeitem",
      "aria-level": level,
      "aria-expanded": children.length ? "true" : null,
      class: isChosen ? "chosen" : null,
    },
    make("div", { class: "node" }, words),
    children.length ? make("ul", { role: "group" }, children) : null,
  );
}

// A run: the tables of the page's data, and what follows from them. `simulator/page/tables.py` says what the columns hold.

const NOTHING = -1;
const HELD = 0,
  ACKED = 1,
  FAILED = 2,
  LOST = 3;
const PENDING = 0,
  TREE_ACKED = 1,
  TREE_FAILED = 2,
  TIMEOUT = 3,
  UNTRACKED = 4,
  FORGOTTEN = 5;

/** A text with what would turn or hide the text around it in sight: control characters and those that change direction. */
function visible(text) {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** JSON with every text in it made visible. */
function visibly(data) {
  if (typeof data === "string") return visible(data);
  if (Array.isArray(data)) return data.map(visibly);
  if (data === null || typeof data !== "object") return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [visible(name), visibly(value)]));
}

/** Read the data of a run. */
function openRun(data) {
  for (const name of ["title", "facts", "notes", "graph", "errors", "texts"])
    data[name] = visibly(data[name]);
  const run = { ...data, KIND: Object.fromEntries(data.kinds.map((name, place) => [name, place])) };
  run.components = data.graph.nodes;
  run.tasks = [];
  run.taskOf = new Map();
  run.components.forEach((node, component) =>
    node.tasks.forEach((id) => {
      run.taskOf.set(id, run.tasks.length);
      run.tasks.push({ id, component, worker: data.graph.workers ? data.graph.workers[id] : null });
    }),
  );
  run.events = numbers(data.events, ["kind", "task", "ref"], ["at"]);
  run.eventText = new Map(data.events.text);
  run.emits = {
    ...numbers(data.emits, ["event", "stream", "values", "id"]),
    anchors: data.emits.anchors,
    trees: data.emits.trees,
  };
  run.copies = {
    ...numbers(data.copies, ["emit", "task", "state", "fault"], ["due", "start", "end"]),
    id: data.copies.id,
  };
  run.trees = numbers(data.trees, ["emit", "attempt", "first", "outcome"], ["end"]);
  run.size = run.events.at.length;
  run.isSample = run.size < run.totals.events;
  run.lost = new Map(data.lost);
  index(run);
  return run;
}

function numbers(columns, small, times = []) {
  const found = {};
  for (const name of small) found[name] = Int32Array.from(columns[name]);
  for (const name of times) found[name] = Float64Array.from(columns[name]);
  return found;
}

function index(run) {
  const { emits, copies, trees, logs } = run;
  // The copies of an emit follow each other, but for duplicates, which a fault has added later.
  run.copiesOf = gather(emits.event.length, copies.emit.length, (add) => {
    for (let copy = 0; copy < copies.emit.length; copy++) add(copies.emit[copy], copy);
  });
  let anchors = 0;
  for (const each of emits.anchors) anchors += typeof each === "number" ? each !== NOTHING : each.length;
  run.emitsOf = gather(copies.emit.length, anchors, (add) => {
    emits.anchors.forEach((each, emit) => listed(each).forEach((copy) => add(copy, emit)));
  });
  run.logsOf = new Map();
  logs.forEach((each, place) => push(run.logsOf, each[4], place));
  run.attemptsOf = new Map();
  trees.first.forEach((first, tree) => push(run.attemptsOf, first, tree));
  run.copiesAt = run.tasks.map(() => []);
  for (let copy = 0; copy < copies.task.length; copy++) {
    const lane = run.taskOf.get(copies.task[copy]);
    if (lane !== undefined) run.copiesAt[lane].push(copy);
  }
  for (const list of run.copiesAt) list.sort((a, b) => begins(run, a) - begins(run, b) || a - b);
  // Events in the order of time; the trace has those of a spout's wave before those of the bolts in it.
  run.byTime = Uint32Array.from({ length: run.size }, (_, place) => place);
  run.byTime.sort((a, b) => run.events.at[a] - run.events.at[b] || a - b);
}

/** Lists by owner, as one column: `lists.of(owner)` is those that were added with it. */
function gather(owners, size, each) {
  const starts = new Uint32Array(owners + 1);
  each((owner) => {
    starts[owner + 1]++;
  });
  for (let owner = 0; owner < owners; owner++) starts[owner + 1] += starts[owner];
  const next = starts.slice(),
    members = new Uint32Array(size);
  each((owner, member) => {
    members[next[owner]++] = member;
  });
  return (owner) => members.subarray(starts[owner], starts[owner + 1]);
}

function push(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function listed(cell) {
  return typeof cell === "number" ? (cell === NOTHING ? [] : [cell]) : cell;
}

/** When a copy begins in its lane: when it was taken, else when it arrives. */
function begins(run, copy) {
  return run.copies.start[copy] >= 0 ? run.copies.start[copy] : run.copies.due[copy];
}

/** When a copy ends in its lane: when it was settled or lost, else with the run. */
function ends(run, copy) {
  return run.copies.end[copy] >= 0 ? run.copies.end[copy] : run.endMs;
}

// -- names ----------------------------------------------------------------------------------------------------------

function componentOf(run, task) {
  const place = run.taskOf.get(task);
  return place === undefined ? null : run.tasks[place].component;
}

function taskName(run, task) {
  const component = componentOf(run, task);
  return component === null ? `task ${task}` : `${run.components[component].name}[${task}]`;
}

function emitTask(run, emit) {
  return run.events.task[run.emits.event[emit]];
}

function emitAt(run, emit) {
  return run.events.at[run.emits.event[emit]];
}

function valuesText(run, emit) {
  return run.texts[run.emits.values[emit]];
}

function streamName(run, emit) {
  return run.texts[run.emits.stream[emit]];
}

/** The message id of a tree as JSON, or an empty text. */
function treeId(run, tree) {
  const id = run.emits.id[run.trees.emit[tree]];
  return id === NOTHING ? "" : run.texts[id];
}

function treeName(run, tree) {
  const id = treeId(run, tree);
  const name = id === "" ? valuesText(run, run.trees.emit[tree]) : `id ${id}`;
  const attempts = run.attemptsOf.get(run.trees.first[tree]).length;
  return attempts > 1 ? `${name}, attempt ${run.trees.attempt[tree]} of ${attempts}` : name;
}

function fault(run, copy) {
  return run.copies.fault[copy] === NOTHING ? "" : run.texts[run.copies.fault[copy]];
}

/** The values of an emit, each as JSON text; numbers stay as they were printed. */
function splitValues(text) {
  const parts = [];
  let depth = 0,
    quoted = false,
    from = 1;
  for (let at = 0; at < text.length; at++) {
    const each = text[at];
    if (quoted) {
      if (each === "\\") at++;
      else if (each === '"') quoted = false;
    } else if (each === '"') quoted = true;
    else if (each === "[" || each === "{") depth++;
    else if (each === "]" || each === "}") {
      depth--;
      if (depth === 0 && text.slice(from, at).trim()) parts.push(text.slice(from, at).trim());
    } else if (each === "," && depth === 1) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return parts;
}

// -- trees ----------------------------------------------------------------------------------------------------------

/** All copies of a tree, parents before children; a copy with two ways to it comes once. */
function copiesOfTree(run, tree) {
  const found = [],
    seen = new Set(),
    left = [run.trees.emit[tree]];
  while (left.length) {
    const emit = left.shift();
    if (seen.has(emit)) continue;
    seen.add(emit);
    for (const copy of run.copiesOf(emit)) {
      found.push(copy);
      left.push(...run.emitsOf(copy));
    }
  }
  return found;
}

/** The copies of a tree that were not settled at an instant: who holds it up. */
function unsettledAt(run, tree, at) {
  return copiesOfTree(run, tree).filter((copy) => {
    const { end, state } = run.copies;
    return end[copy] < 0 || end[copy] > at || state[copy] === LOST || fault(run, copy).startsWith("lost-");
  });
}

/** The trees of spouts that ended in one of these ways. */
function treesWith(run, ...outcomes) {
  const found = [];
  run.trees.outcome.forEach((outcome, tree) => {
    if (outcomes.includes(outcome)) found.push(tree);
  });
  return found;
}

/** The messages that a list of trees belongs to: the attempts of each together, in the order of the list. */
function messagesOf(run, trees) {
  const firsts = new Set(trees.map((tree) => run.trees.first[tree]));
  return [...firsts].map((first) => run.attemptsOf.get(first));
}

// -- queues ---------------------------------------------------------------------------------------------------------

/** The number of copies that have come to a task and were not taken. */
function queueOf(run, lane) {
  run.queues ??= new Map();
  if (run.queues.has(lane)) return run.queues.get(lane);
  const { due, start, end } = run.copies;
  const waits = run.copiesAt[lane].map((copy) => [
    due[copy],
    start[copy] >= 0 ? start[copy] : end[copy] >= 0 ? end[copy] : Infinity,
  ]);
  const found = depth(waits);
  run.queues.set(lane, found);
  return found;
}

/** How many stretches of time there are at once: the number at each change, as [time, number], and the highest. */
function depth(stretches) {
  const changes = [];
  for (const [from, to] of stretches) if (to > from) changes.push([from, 1], [to, -1]); // a drop ends before it comes
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const steps = [];
  let size = 0,
    longest = [0, 0];
  changes.forEach(([at, change], place) => {
    size += change;
    if (size > longest[1]) longest = [at, size];
    if (at !== Infinity && (place + 1 === changes.length || changes[place + 1][0] !== at))
      steps.push([at, size]);
  });
  return { steps, longest };
}

// Search: by message id, value, component, event, log text; a stretch of time goes to the timeline.

const MOST_FOUND = 200; // of each kind that are listed

/** Read `30s..31s`, `30 s - 31 s`, `1500ms..2s`, `30s` as a stretch in milliseconds; null where it is none. */
function readStretch(text, endMs) {
  const number = String.raw`(\d+(?:\.\d+)?)\s*(ms|s|m|)`;
  const two = new RegExp(`^${number}\\s*(?:\\.\\.|-|–|to)\\s*${number}$`).exec(text);
  if (two) {
    const unit = two[4] || two[2];
    if (!unit) return null; // two plain numbers may be a value
    const [from, to] = [inMs(two[1], two[2] || unit), inMs(two[3], unit)];
    return from < to ? { from, to } : null;
  }
  const one = new RegExp(`^(?:at )?${number}$`).exec(text);
  if (!one || !one[2]) return null;
  const at = inMs(one[1], one[2]);
  return at <= endMs ? { from: Math.max(0, at - 500), to: at + 500 } : null;
}

function inMs(number, unit) {
  return Math.round(Number(number) * { ms: 1, s: 1000, m: 60000 }[unit]);
}

/** Everything in a run that has a text in it, by kind. */
function find(run, query) {
  const wanted = query.toLowerCase();
  const has = (text) => text.toLowerCase().includes(wanted);
  const matching = Uint8Array.from(run.texts, has);
  const found = {
    components: [],
    tasks: [],
    trees: [],
    tuples: [],
    emits: [],
    events: [],
    logs: [],
    errors: [],
  };
  run.components.forEach((node, place) => {
    if (has(node.name)) found.components.push(place);
  });
  run.tasks.forEach((task) => {
    if (String(task.id) === query || taskName(run, task.id).toLowerCase() === wanted)
      found.tasks.push(task.id);
  });
  const isId = (text) => text === query || text === JSON.stringify(query);
  run.trees.emit.forEach((emit, tree) => {
    const id = run.emits.id[emit];
    if (id !== NOTHING && matching[id]) found.trees.push(tree);
  });
  found.trees.sort((a, b) => isId(treeId(run, b)) - isId(treeId(run, a)) || a - b);
  run.emits.values.forEach((values, emit) => {
    if (!matching[values] && !matching[run.emits.stream[emit]]) return;
    const copies = run.copiesOf(emit);
    if (copies.length) found.tuples.push(...copies);
    else found.emits.push(emit);
  });
  const kinds = run.kinds.map((name) => name === wanted || (name === "died" && wanted === "crash"));
  const isTimeout = wanted === "timeout";
  run.byTime.forEach((event) => {
    const kind = run.events.kind[event],
      text = run.eventText.get(event);
    const byTimeout =
      isTimeout &&
      kind === run.KIND.failed &&
      run.events.ref[event] !== NOTHING &&
      run.trees.outcome[run.events.ref[event]] === TIMEOUT;
    if (kinds[kind] || byTimeout || (text !== undefined && matching[text])) found.events.push(event);
  });
  run.logs.forEach(([, , , text], place) => {
    if (matching[text]) found.logs.push(place);
  });
  run.errors.forEach((error, place) => {
    if (matching[error.text]) found.errors.push(place);
  });
  return found;
}

function drawSearch(root, run) {
  const query = here.query ?? "";
  if (!query) {
    root.append(
      make(
        "p",
        {},
        "Type a message id, a value, a component, an event such as died or timeout, or a stretch of time such as 30s..31s.",
      ),
    );
    return;
  }
  const found = find(run, query);
  const total = Object.values(found).reduce((sum, each) => sum + each.length, 0);
  root.append(
    make("h2", {}, total ? `“${query}”: ${count(total, "result")}` : `“${query}” is nowhere in this run`),
  );
  root.append(sampled(run) ?? "");
  announce(count(total, "result"));
  const at = (copy) => time(begins(run, copy));
  results(root, "Components", found.components, (place) => [
    link({ select: `component-${place}` }, run.components[place].name),
  ]);
  results(root, "Tasks", found.tasks, (task) => [link({ select: `task-${task}` }, taskName(run, task))]);
  results(root, "Trees", found.trees, (tree) => [
    link({ view: "trees", select: `tree-${tree}` }, treeName(run, tree)),
    `${taskName(run, emitTask(run, run.trees.emit[tree]))} ${valuesText(run, run.trees.emit[tree])}`,
    outcome(run, tree),
  ]);
  takenBy(root, run, found.tuples);
  results(root, "Tuples", found.tuples, (copy) => [
    link({ select: `tuple-${copy}` }, cut(valuesText(run, run.copies.emit[copy]))),
    `to ${taskName(run, run.copies.task[copy])} at ${at(copy)}`,
    fate(run, copy),
  ]);
  results(root, "Emits that went to nobody", found.emits, (emit) => [
    link({ select: `emit-${emit}` }, cut(valuesText(run, emit))),
    `by ${taskName(run, emitTask(run, emit))} at ${time(emitAt(run, emit))}`,
  ]);
  results(root, "Events", found.events, (event) => [
    link(eventTarget(run, event), run.kinds[run.events.kind[event]]),
    `${taskName(run, run.events.task[event])} at ${time(run.events.at[event])}`,
    cut(eventWords(run, event)),
  ]);
  results(root, "Log lines", found.logs, (place) => [
    link({ select: `log-${place}` }, cut(run.texts[run.logs[place][3]])),
    `${taskName(run, run.logs[place][1])} at ${time(run.logs[place][0])}`,
  ]);
  results(root, "Errors", found.errors, (place) => [
    link({ select: `error-${place}` }, cut(errorTitle(run, run.errors[place]))),
    `${taskName(run, run.errors[place].task)} at ${time(run.errors[place].at)}`,
  ]);
}

/** Which tasks got the tuples that were found: what a fields grouping has decided. */
function takenBy(root, run, tuples) {
  const counts = new Map();
  for (const copy of tuples) counts.set(run.copies.task[copy], (counts.get(run.copies.task[copy]) ?? 0) + 1);
  if (!counts.size) return;
  root.append(
    make(
      "p",
      { class: "taken" },
      "Sent to ",
      [...counts].map(([task, number], place) => [
        place ? ", " : "",
        link({ select: `task-${task}` }, taskName(run, task)),
        ` (${count(number, "tuple")})`,
      ]),
    ),
  );
}

function results(root, title, found, cells) {
  if (!found.length) return;
  const rows = found.slice(0, MOST_FOUND).map(cells);
  root.append(
    make("h3", {}, `${title} (${found.length.toLocaleString("en")})`),
    make(
      "table",
      { class: "results" },
      make(
        "tbody",
        {},
        rows.map((row) =>
          make(
            "tr",
            {},
            row.map((cell, place) => make(place ? "td" : "th", place ? {} : { scope: "row" }, cell)),
          ),
        ),
      ),
    ),
  );
  if (found.length > MOST_FOUND) {
    root.append(
      make(
        "p",
        { class: "more" },
        `and ${(found.length - MOST_FOUND).toLocaleString("en")} more; a longer text finds fewer`,
      ),
    );
  }
}

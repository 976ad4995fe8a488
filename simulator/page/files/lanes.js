// The lanes of the timeline: the bars and the marks of each task.

const GLYPHS = {
  tick: "▲",
  timer: "△",
  died: "✖",
  restart: "↻",
  error: "!",
  fault: "⚡",
  late: "→",
  deactivated: "◼",
  activated: "▶",
};

/** What a lane shows: bars (a spout's trees from emit to end, a bolt's copies from taken to settled) and marks. */
function laneOf(run, lane) {
  run.lanes ??= new Map();
  if (run.lanes.has(lane)) return run.lanes.get(lane);
  const task = run.tasks[lane],
    isSpout = run.components[task.component].kind === "spout";
  const bars = [];
  if (isSpout) {
    for (const tree of treesOfTasks(run).get(task.id) ?? []) {
      const from = emitAt(run, run.trees.emit[tree]),
        end = run.trees.end[tree];
      const ended = run.trees.outcome[tree] === UNTRACKED ? from : end >= 0 ? end : run.endMs;
      bars.push({
        from,
        to: Math.max(ended, from),
        kind: run.outcomes[run.trees.outcome[tree]],
        tree,
        copy: NOTHING,
      });
    }
  } else {
    for (const copy of run.copiesAt[lane]) {
      if (
        run.copies.start[copy] < 0 &&
        run.copies.state[copy] === LOST &&
        run.copies.end[copy] < run.copies.due[copy]
      )
        continue; // dropped
      bars.push({
        from: begins(run, copy),
        to: ends(run, copy),
        kind: run.states[run.copies.state[copy]],
        tree: NOTHING,
        copy,
      });
    }
  }
  bars.sort((a, b) => a.from - b.from);
  const free = new Array(LEVELS).fill(-1);
  let latest = -1;
  for (const bar of bars) {
    // More than that many at once have no room: they are drawn when they are selected, and the height behind the bars
    // tells how many there are.
    bar.level = free.findIndex((each) => each < bar.from || (each === bar.from && bar.from === bar.to));
    if (bar.level >= 0) free[bar.level] = bar.to;
    latest = bar.latest = Math.max(latest, bar.to); // of all bars up to this one
  }
  const found = {
    bars,
    marks: marksOfTasks(run).get(task.id) ?? [],
    height: isSpout ? depth(bars.map((bar) => [bar.from, bar.to])) : queueOf(run, lane),
  };
  run.lanes.set(lane, found);
  return found;
}

function treesOfTasks(run) {
  if (!run.treesByTask) {
    run.treesByTask = new Map();
    run.trees.emit.forEach((emit, tree) => push(run.treesByTask, emitTask(run, emit), tree));
  }
  return run.treesByTask;
}

/** The events of each task that are no bars: ticks, deaths, faults, failed messages, and its log lines. */
function marksOfTasks(run) {
  if (run.marks) return run.marks;
  run.marks = new Map();
  run.byTime.forEach((event) => {
    const name = run.kinds[run.events.kind[event]];
    const ref = run.events.ref[event];
    const isTimeout = name === "failed" && ref !== NOTHING && run.trees.outcome[ref] === TIMEOUT;
    if (GLYPHS[name] || name === "failed") {
      push(run.marks, run.events.task[event], {
        at: run.events.at[event],
        name: isTimeout ? "timeout" : name,
        glyph: isTimeout ? "◷" : (GLYPHS[name] ?? "✗"),
        target: `event-${event}`,
      });
    }
  });
  run.logs.forEach(([at, task], place) =>
    push(run.marks, task, { at, name: "log", glyph: "≡", target: `log-${place}` }),
  );
  for (const list of run.marks.values()) list.sort((a, b) => a.at - b.at);
  return run.marks;
}

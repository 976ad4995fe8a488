// The words of the page: times, outcomes, fates.

/** Virtual milliseconds as text: `850 ms`, `31.204 s`. */
function time(ms) {
  if (ms < 0) return "";
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(3).replace(/\.?0+$/, "")} s`;
}

function count(number, noun, plural = `${noun}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

/** A line that says that a view has a sample; null where it has the whole run. */
function sampled(run) {
  return run.isSample
    ? make(
        "p",
        { class: "sampled" },
        `A sample: ${count(run.size, "event")} of ${run.totals.events.toLocaleString("en")}, in whole messages. Counts are of the whole run.`,
      )
    : null;
}

function cut(text, most = 80) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

const FAULTS = {
  drop: "dropped on its way",
  delay: "delayed",
  reorder: "reordered",
  replay: "its root was failed",
  duplicate: "delivered twice",
  fail: "failed on its way",
  "lost-ack": "its ack was lost",
  "lost-fail": "its fail was lost",
};

/** The fate of a copy, in words. */
function fate(run, copy) {
  const state = run.states[run.copies.state[copy]];
  const note = FAULTS[fault(run, copy)];
  return note ? `${state} (${note})` : state;
}

function outcome(run, tree) {
  const name = run.outcomes[run.trees.outcome[tree]];
  return OUTCOME_WORDS[name] ?? name;
}

const OUTCOME_WORDS = {
  timeout: "failed by timeout",
  forgotten: "forgotten, its spout died",
  untracked: "not tracked",
};

/** A mark for a fate or an outcome: a shape and a colour, with the word for who sees neither. */
function mark(name) {
  const shapes = {
    acked: "✓",
    failed: "✗",
    lost: "∅",
    held: "…",
    pending: "…",
    timeout: "◷",
    untracked: "·",
    forgotten: "∅",
  };
  return make("span", { class: `mark ${name}`, title: name }, shapes[name] ?? "·");
}

/** What happened, in a line: for lists of events. */
function eventWords(run, event) {
  const { kind, ref } = run.events;
  const name = run.kinds[kind[event]],
    words = run.eventText.get(event);
  const place = ref[event];
  if (name === "emit") {
    const targets = [...run.copiesOf(place)].map((copy) => taskName(run, run.copies.task[copy]));
    const stream = streamName(run, place);
    return `${valuesText(run, place)}${stream === "default" ? "" : ` on ${stream}`}${targets.length ? ` to ${targets.join(", ")}` : ""}`;
  }
  if (name === "ack" || name === "fail" || name === "late")
    return place === NOTHING ? "" : copyWords(run, place);
  if (name === "acked" || name === "failed") {
    if (place === NOTHING) return "";
    return `${treeName(run, place)}${run.trees.outcome[place] === TIMEOUT ? ", by timeout" : ""}`;
  }
  if (name === "fault")
    return `${FAULTS[run.texts[words]] ?? ""}${place === NOTHING ? "" : `: ${copyWords(run, place)}`}`;
  return words === undefined ? "" : run.texts[words];
}

function copyWords(run, copy) {
  const emit = run.copies.emit[copy];
  return `${valuesText(run, emit)} from ${taskName(run, emitTask(run, emit))}`;
}

/** What an event is about, as a place of the page. */
function eventTarget(run, event) {
  const ref = run.events.ref[event],
    name = run.kinds[run.events.kind[event]];
  if (name === "emit") return { select: `emit-${ref}` };
  if (ref === NOTHING) return { select: `event-${event}` };
  return { select: name === "acked" || name === "failed" ? `tree-${ref}` : `tuple-${ref}` };
}

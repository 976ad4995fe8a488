// Small parts of the timeline: its tips, legend, colours and steps.

function tipOf(run, target) {
  return describe(run, target)
    .split("\n")
    .map((text, place) => make(place ? "div" : "strong", {}, cut(text, 300)));
}

/** What is behind a target, in a few lines. */
function describe(run, target) {
  const [kind, number] = target.split("-"),
    place = Number(number);
  if (kind === "tuple") {
    const { due, start, end, emit, task } = run.copies;
    const waited =
      start[place] >= 0 && start[place] > due[place] ? `, waited ${time(start[place] - due[place])}` : "";
    const lasted = end[place] >= 0 ? `, ${time(end[place] - begins(run, place))}` : "";
    const logs = run.logsOf.get(place)?.length ?? 0;
    return `${valuesText(run, emit[place])}\n${taskName(run, task[place])} from ${originName(run, place)}: ${fate(run, place)}\n${time(begins(run, place))}${lasted}${waited}${logs ? `\n${count(logs, "log line")}` : ""}`;
  }
  if (kind === "tree") {
    const emit = run.trees.emit[place],
      end = run.trees.end[place];
    return `${valuesText(run, emit)}\n${treeName(run, place)}: ${outcome(run, place)}\n${time(emitAt(run, emit))}${end >= 0 ? `, ${time(end - emitAt(run, emit))}` : ""}`;
  }
  if (kind === "log")
    return `${run.texts[run.logs[place][3]]}\n${taskName(run, run.logs[place][1])} at ${time(run.logs[place][0])}`;
  return `${run.kinds[run.events.kind[place]]}\n${taskName(run, run.events.task[place])} at ${time(run.events.at[place])}\n${eventWords(run, place)}`;
}

function legend() {
  return make(
    "span",
    { class: "legend" },
    [
      ["acked", "acked"],
      ["failed", "failed"],
      ["timeout", "timeout"],
      ["held", "held, pending"],
      ["lost", "lost, forgotten"],
      ["queue", "how many wait"],
    ].map(([name, words]) => [make("i", { class: `swatch ${name}` }), ` ${words} `]),
  );
}

/** To a tenth of a millisecond, which is less than a pixel. */
function round(ms) {
  return Math.round(ms * 10) / 10;
}

function line(pen, x, y, toX, toY) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(toX, toY);
  pen.stroke();
}

/** The step of an axis: 1, 2 or 5 times a power of ten, at least one millisecond. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least) ?? 10 * power;
}

/** The colours of the style sheet, which knows light, dark and print. */
function coloursOf(element) {
  const style = getComputedStyle(element);
  const named = (name) => style.getPropertyValue(`--${name}`).trim();
  const found = Object.fromEntries(
    [
      "ground",
      "raised",
      "rule",
      "text",
      "quiet",
      "accent",
      "acked",
      "failed",
      "lost",
      "held",
      "queue",
      "warn",
    ].map((name) => [name, named(name)]),
  );
  return {
    ...found,
    pending: found.held,
    timeout: found.warn,
    forgotten: found.lost,
    untracked: found.quiet,
    died: found.failed,
    error: found.failed,
    fault: found.warn,
    late: found.warn,
    restart: found.lost,
  };
}

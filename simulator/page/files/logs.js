// Log lines and errors, each with its place, its time and its tuple.

const MOST_LINES = 1000;

function logLines(run, places, title) {
  if (!places.length) return null;
  return [
    make("h3", {}, title),
    make(
      "ul",
      { class: "logs" },
      places.slice(0, MOST_LISTED).map((place) => make("li", {}, logLine(run, place))),
    ),
    places.length > MOST_LISTED
      ? make("p", { class: "more" }, `and ${(places.length - MOST_LISTED).toLocaleString("en")} more`)
      : null,
  ];
}

function logLine(run, place) {
  const [at, , level, text] = run.logs[place];
  return [
    make("span", { class: `level ${run.texts[level]}` }, run.texts[level]),
    " ",
    link({ select: `log-${place}` }, time(at)),
    " ",
    make("span", { class: "message" }, cut(run.texts[text], 2000)),
  ];
}

function inspectLog(run, place) {
  const [at, task, level, text, copy] = run.logs[place];
  return [
    make("h2", {}, "Log line"),
    make("pre", {}, run.texts[text]),
    facts([
      ["level", run.texts[level]],
      ["by", taskLink(run, task)],
      ["at", timeLink(at)],
      ["tuple", copy === NOTHING ? "not at work on one, or not known" : tupleLink(run, copy)],
    ]),
    copy === NOTHING ? null : treesOf(run, run.copies.emit[copy]),
  ];
}

function errorText(run, error) {
  const [file, line, name, code] = error.frame ?? [];
  return [
    error.frame
      ? make(
          "p",
          { class: "frame" },
          make("code", {}, `${file}:${line}`),
          name ? ` in ${name}` : "",
          code ? make("pre", {}, code) : null,
        )
      : null,
    make("pre", { class: "traceback" }, run.texts[error.text]),
  ];
}

/** The last line of an error, which is an exception's type and message. */
function errorTitle(run, error) {
  return run.texts[error.text].trimEnd().split("\n").pop();
}

/** The errors of a run by their last line: [title, places], the first to come first. */
function errorsByTitle(run) {
  const found = new Map();
  run.errors.forEach((error, place) => push(found, errorTitle(run, error), place));
  return [...found];
}

function inspectError(run, place) {
  const error = run.errors[place];
  return [
    make("h2", {}, "Error"),
    make("p", {}, make("strong", {}, errorTitle(run, error))),
    facts([
      ["by", taskLink(run, error.task)],
      ["at", timeLink(error.at)],
      ["tuple", error.copy === NOTHING ? null : tupleLink(run, error.copy)],
    ]),
    errorText(run, error),
    error.copy === NOTHING ? null : aroundIt(run, error.copy),
  ];
}

/** The errors of one title: the text of the first, and where each happened. */
function errorEntry(run, title, places, isOpen) {
  const first = run.errors[places[0]];
  const where = (place) => {
    const { at, task, copy } = run.errors[place];
    return [
      link({ select: `error-${place}` }, time(at)),
      " by ",
      taskLink(run, task),
      copy === NOTHING ? "" : [", at work on ", tupleLink(run, copy)],
    ];
  };
  return make(
    "details",
    { open: isOpen },
    make(
      "summary",
      {},
      `${cut(title, 200)}${places.length > 1 ? ` (${places.length.toLocaleString("en")} times)` : ""}`,
    ),
    listOf(places.slice(0, SHOWN_AT_ONCE), where),
    places.length > SHOWN_AT_ONCE
      ? make(
          "p",
          { class: "more" },
          `and ${(places.length - SHOWN_AT_ONCE).toLocaleString("en")} more: search for its text`,
        )
      : null,
    ...errorText(run, first).filter(Boolean),
  );
}

function drawLogs(root, run) {
  root.append(make("h2", {}, `Errors (${run.totals.kinds[run.KIND.error].toLocaleString("en")})`));
  if (!run.errors.length) root.append(make("p", {}, "No component reported an error."));
  const kinds = errorsByTitle(run);
  root.append(
    ...kinds
      .slice(0, MOST_LISTED)
      .map(([title, places]) => errorEntry(run, title, places, kinds.length <= 3)),
  );
  root.append(make("h2", {}, `Log lines (${run.logs.length.toLocaleString("en")})`));
  if (!run.logs.length)
    root.append(
      make(
        "p",
        {},
        run.knowsLogs
          ? "No component logged a line."
          : "A trace has no log lines; sparse simulate --html keeps them.",
      ),
    );
  else
    root.append(
      table(
        `Log lines${run.logs.length > MOST_LINES ? `, the first ${MOST_LINES}` : ""}`,
        ["time", "task", "level", "message", "tuple"],
        run.logs
          .slice(0, MOST_LINES)
          .map(([at, task, level, text, copy], place) => [
            link({ select: `log-${place}` }, time(at)),
            taskLink(run, task),
            make("span", { class: `level ${run.texts[level]}` }, run.texts[level]),
            make("span", { class: "message" }, cut(run.texts[text], 2000)),
            copy === NOTHING ? "" : tupleLink(run, copy),
          ]),
        { class: "log-table" },
      ),
    );
}

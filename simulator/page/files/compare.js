// Two runs side by side: where they differ first, by cause and by time; in which order tuples came to a task; and how
// likely the failure was along the choices of its run.

const SIDES = [0, 1];
const MOST_ORDER = 40; // tuples of a task, before and behind the first that differs
const MOST_DIFFERENT = 5; // tasks whose order differs
const SAME_BEFORE = 4; // steps and tuples that are the same, in front of what differs

function drawCompare(root, run, page) {
  const pair = page.pairs[Number(here.pair)] ?? page.pairs[0],
    runs = pair.runs.map((place) => page.runs[place]);
  const names = pair.names.map((name, side) => name || runs[side].title);
  root.append(
    ...[
      page.pairs.length > 1 ? choosePair(page, pair) : null,
      pair.title ? make("h2", {}, pair.title) : null,
      pair.chances ? section("When it became inevitable", chancesOf(pair.chances)) : null,
      pair.words.length
        ? section(
            `What happened: ${names[0]}`,
            make(
              "ul",
              { class: "told" },
              pair.words.map((each) =>
                make("li", { class: each.startsWith(" ") ? "inner" : null }, each.trim()),
              ),
            ),
          )
        : null,
      section("The first difference by cause", byCause(pair, runs, names)),
      section("The order of tuples at a task", byOrder(pair, runs, names)),
      section("The first difference by time", byTime(pair, names)),
      section("In numbers", inNumbers(runs, names)),
    ].filter(Boolean),
  );
}

function section(title, ...children) {
  return make("section", { "aria-label": title }, make("h2", {}, title), ...children);
}

function choosePair(page, pair) {
  return make(
    "p",
    { class: "tools" },
    make("label", { for: "pair" }, "Comparison "),
    make(
      "select",
      { id: "pair", onchange: (event) => go({ pair: event.target.value, select: null, run: null }) },
      page.pairs.map((each, place) =>
        make("option", { value: place, selected: each === pair }, each.title || each.names.join(" and ")),
      ),
    ),
  );
}

/** A table with a column for each run. A row is `{ sides: [left, right] }`, `isFirst` where they differ first, or
 * `isSame` where one cell stands for both. */
function sideBySide(caption, names, rows) {
  const cell = (each) =>
    make("td", {}, each === null ? make("span", { class: "nothing" }, "nothing more") : each);
  return make(
    "table",
    { class: "compare" },
    make("caption", {}, caption),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col", class: "sign" }, make("span", { class: "unseen" }, "differs")),
        names.map((name) => make("th", { scope: "col" }, name)),
      ),
    ),
    make(
      "tbody",
      {},
      rows.map(({ sides, isFirst, isSame }) =>
        make(
          "tr",
          { class: isFirst ? "differs" : isSame ? "same" : null },
          make(
            "td",
            { class: "sign" },
            isFirst ? make("strong", { title: "the first difference" }, "≠") : "",
          ),
          isSame ? make("td", { colspan: 2 }, sides[0]) : sides.map(cell),
        ),
      ),
    ),
  );
}

// -- by cause ---------------------------------------------------------------------------------------------------------

function byCause(pair, runs, names) {
  const found = pair.cause,
    part = pair.isPartial ? " in the beginning that was compared" : "";
  if (!pair.time) return make("p", {}, `The runs are the same${part}: every event of one is in the other.`);
  if (!found)
    return make(
      "p",
      {},
      `Nothing differs${part}: the same came of every message; only times, tasks or the order differ.`,
    );
  const others = found.others
    ? `; ${count(found.others, "other message")} differ${found.others === 1 ? "s" : ""} as well`
    : "";
  return [
    found.root
      ? [
          make("p", {}, make("strong", {}, found.root), ` is the first that goes another way${others}.`),
          sideBySide("Its steps, by cause and effect", names, [
            ...(found.before.length > SAME_BEFORE ? [{ sides: ["…"], isSame: true }] : []),
            ...found.before
              .slice(-SAME_BEFORE)
              .map((each) => ({ sides: [stepOf(pair, 0, each)], isSame: true })),
            { sides: SIDES.map((side) => stepOf(pair, side, found.steps[side])), isFirst: true },
          ]),
        ]
      : make("p", {}, "The same came of every message, but not all else is the same."),
    found.only.map((rows, side) =>
      rows.length
        ? [
            make("h3", {}, `Only in ${names[side]}${found.root ? ", until then" : ""}`),
            make(
              "ul",
              {},
              rows.map((each) => make("li", {}, rowOf(pair, side, each))),
            ),
          ]
        : null,
    ),
    found.root ? bothTrees(pair, runs, names, found) : null,
  ];
}

function stepOf(pair, side, step) {
  if (!step) return null;
  const [place, at, words] = step;
  return [cut(words, 300), at >= 0 ? [" at ", eventLink(pair, side, place, time(at))] : null];
}

/** A link to an event of one of the runs; plain text where the page does not have it. */
function eventLink(pair, side, place, words) {
  return place < 0 ? words : ofRun(pair.runs[side], () => link({ select: `event-${place}` }, words));
}

function rowOf(pair, side, [place, at, who, words]) {
  return [eventLink(pair, side, place, time(at)), ` ${who} ${cut(words, 300)}`];
}

/** The whole tree of the message in both runs. */
function bothTrees(pair, runs, names, found) {
  const trees = SIDES.map((side) =>
    found.emits[side] < 0
      ? undefined
      : listed(runs[side].emits.trees[runs[side].events.ref[found.emits[side]]])[0],
  );
  return [
    make("h3", {}, "Its tree"),
    make(
      "div",
      { class: "both" },
      SIDES.map((side) =>
        make(
          "div",
          { "aria-label": names[side], role: "group" },
          make("h4", {}, names[side]),
          trees[side] === undefined
            ? make("p", { class: "nothing" }, "It is not there.")
            : ofRun(pair.runs[side], () => treeOf(runs[side], trees[side])),
        ),
      ),
    ),
  ];
}

function treeOf(run, tree) {
  const attempts = run.attemptsOf.get(run.trees.first[tree]);
  return attempt(run, tree, attempts.length, true);
}

// -- by order ---------------------------------------------------------------------------------------------------------

/** The tuples that came to each task, in their order; a task is named by its component and its place in it. */
function ordersOf(run) {
  const found = new Map();
  run.components.forEach((node, component) => {
    const input = new Set(
      run.graph.links
        .filter((each) => each.target === component)
        .map((each) => `${each.source} ${each.stream}`),
    );
    [...node.tasks]
      .sort((a, b) => a - b)
      .forEach((task, nth) => {
        const copies = run.copiesAt[run.taskOf.get(task)].filter((copy) => run.copies.start[copy] >= 0);
        found.set(`${node.name} ${nth}`, { task, copies, inputs: input.size });
      });
  });
  return found;
}

function tupleKey(run, copy) {
  return `${originName(run, copy)} ${valuesText(run, run.copies.emit[copy])}`;
}

/** The tasks that took other tuples, or the same in another order: those with errors first, then those with several inputs. */
function differentOrders(runs) {
  const orders = runs.map(ordersOf),
    found = [];
  for (const [name, first] of orders[0]) {
    const second = orders[1].get(name);
    if (!second) continue;
    const sides = [first, second],
      keys = sides.map((each, side) => each.copies.map((copy) => tupleKey(runs[side], copy)));
    const most = Math.max(keys[0].length, keys[1].length);
    let at = 0;
    while (at < most && keys[0][at] === keys[1][at]) at++;
    if (at === most) continue;
    const isSameTuples = [...keys[0]].sort().join("\n") === [...keys[1]].sort().join("\n");
    const hasErrors = SIDES.some((side) =>
      runs[side].errors.some((error) => error.task === sides[side].task),
    );
    found.push({
      sides,
      at,
      isSameTuples,
      when: begins(runs[0], first.copies[at] ?? first.copies[first.copies.length - 1] ?? 0),
      weight: 4 * hasErrors + 2 * (first.inputs > 1) + isSameTuples,
    });
  }
  return found.sort((a, b) => b.weight - a.weight || a.when - b.when);
}

function byOrder(pair, runs, names) {
  if (runs.some((run) => run.isSample))
    return make(
      "p",
      {},
      "Not compared: the page has a sample of a run, which leaves out other tuples of each.",
    );
  const found = differentOrders(runs);
  if (!found.length) return make("p", {}, "Each task took the same tuples in the same order.");
  const more = found.length - MOST_DIFFERENT;
  return [
    found
      .slice(0, MOST_DIFFERENT)
      .map((each, place) =>
        make(
          "details",
          { open: place === 0 },
          make(
            "summary",
            {},
            `${taskName(runs[0], each.sides[0].task)} took ${each.isSameTuples ? "the same tuples in another order" : "other tuples"}`,
          ),
          orderTable(pair, runs, names, each),
        ),
      ),
    more > 0 ? make("p", { class: "more" }, `and ${count(more, "more task")}`) : null,
  ];
}

function orderTable(pair, runs, names, { sides, at }) {
  const cell = (side, row) => {
    const copy = sides[side].copies[row];
    if (copy === undefined) return null;
    return ofRun(pair.runs[side], () => [
      make("span", { class: "from" }, originName(runs[side], copy)),
      " ",
      link({ select: `tuple-${copy}` }, cut(valuesText(runs[side], runs[side].copies.emit[copy]), 60)),
      ` at ${time(begins(runs[side], copy))}`,
    ]);
  };
  const from = Math.max(0, at - SAME_BEFORE),
    until = Math.min(Math.max(...sides.map((each) => each.copies.length)), at + MOST_ORDER);
  const rows = [];
  if (from) rows.push({ sides: ["…"], isSame: true });
  for (let row = from; row < until; row++)
    rows.push({ sides: SIDES.map((side) => cell(side, row)), isFirst: row === at });
  return sideBySide("What it took, in its order", names, rows);
}

// -- by time ----------------------------------------------------------------------------------------------------------

function byTime(pair, names) {
  const found = pair.time;
  if (!found) return make("p", {}, "The runs are the same.");
  const rows = found.before.map((each) => ({ sides: [rowOf(pair, 0, each)], isSame: true }));
  for (let place = 0; place < Math.max(1, found.after[0].length, found.after[1].length); place++) {
    rows.push({
      sides: SIDES.map((side) =>
        found.after[side][place] ? rowOf(pair, side, found.after[side][place]) : null,
      ),
      isFirst: place === 0,
    });
  }
  return [
    make("p", {}, `Event ${found.number.toLocaleString("en")} is the first that differs.`),
    sideBySide("Events around it", names, rows),
  ];
}

// -- in numbers -------------------------------------------------------------------------------------------------------

function inNumbers(runs, names) {
  const ended = (run, outcome) => run.totals.outcomes[outcome];
  const rows = [
    ["events", (run) => run.totals.events],
    ["virtual time", (run) => time(run.endMs)],
    ["acked", (run) => ended(run, TREE_ACKED)],
    ["failed by a bolt", (run) => ended(run, TREE_FAILED)],
    ["failed by timeout", (run) => ended(run, TIMEOUT)],
    ["pending", (run) => ended(run, PENDING)],
    ["forgotten", (run) => ended(run, FORGOTTEN)],
    ["deaths", (run) => run.totals.kinds[run.KIND.died]],
    ["errors", (run) => run.totals.kinds[run.KIND.error]],
  ].map(([name, of]) => [name, ...runs.map((run) => of(run).toLocaleString("en"))]);
  return make(
    "table",
    { class: "compare numbers" },
    make("caption", {}, "The two runs"),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        ["", ...names].map((each) => make("th", { scope: "col" }, each)),
      ),
    ),
    make(
      "tbody",
      {},
      rows.map(([name, left, right]) =>
        make(
          "tr",
          { class: left === right ? null : "differs" },
          make("th", { scope: "row" }, name),
          make("td", {}, left),
          make("td", {}, right),
        ),
      ),
    ),
  );
}

// -- chances ----------------------------------------------------------------------------------------------------------

/** The chance of the failure at each point, as a bar with its numbers. */
function chancesOf(chances) {
  return [
    make("p", {}, make("strong", {}, chances.words)),
    chances.points.length
      ? make(
          "table",
          { class: "chances" },
          make("caption", {}, "Runs that go on in another way from here, and how many of them fail"),
          make(
            "thead",
            {},
            make(
              "tr",
              {},
              ["at", "what has happened", "fail", ""].map((each) => make("th", { scope: "col" }, each)),
            ),
          ),
          make(
            "tbody",
            {},
            chances.points.map(([words, at, failed, runs]) =>
              make(
                "tr",
                {},
                make("td", {}, time(at)),
                make("td", {}, words),
                make("td", {}, `${failed} of ${runs}`),
                make(
                  "td",
                  {},
                  draw(
                    "svg",
                    { width: 120, height: 12, "aria-hidden": "true" },
                    draw("rect", { class: "whole", width: 120, height: 12 }),
                    draw("rect", { class: "part", width: runs ? (120 * failed) / runs : 0, height: 12 }),
                  ),
                ),
              ),
            ),
          ),
        )
      : null,
  ];
}

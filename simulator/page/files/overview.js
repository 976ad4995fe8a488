// The overview: what is unusual about the run, each a link to it, and the graph.

/** What a reader wants to know first, as lines with links; nothing that is as it should be. */
function findings(run) {
  return [
    timeouts(run),
    fails(run),
    stuckTrees(run),
    forgotten(run),
    deaths(run),
    errors(run),
    lostAcks(run),
    replays(run),
    faults(run),
    longestQueue(run),
  ]
    .flat()
    .filter(Boolean);
}

const SHOWN_AT_ONCE = 5;

function some(list, shown, rest) {
  return [
    list.slice(0, SHOWN_AT_ONCE).map((each, place) => [place ? ", " : "", shown(each)]),
    list.length > SHOWN_AT_ONCE ? [", ", rest] : "",
  ];
}

/** What stands for the rest of a list: how many, where that is known. */
function moreThan(run, list) {
  return run.isSample ? "more" : `${(list.length - SHOWN_AT_ONCE).toLocaleString("en")} more`;
}

/** A line about the messages of some trees: each with its attempts that are meant. */
function messages(run, trees, kind, words, filter, more = null) {
  const total = run.totals.messages[filter];
  if (!total) return null;
  const meant = new Set(trees),
    found = messagesOf(run, trees);
  return make(
    "li",
    { class: kind },
    make("strong", {}, `${count(total, "message")} ${words}`),
    ": ",
    some(
      found,
      (attempts) => messageLink(run, attempts, meant),
      link({ view: "trees", trees: filter, select: null }, "all"),
    ),
    more,
  );
}

function messageLink(run, attempts, meant) {
  const own = attempts.filter((tree) => meant.has(tree));
  return [treeLink(run, own[0]), own.length > 1 ? ` and ${own.length - 1} more` : ""];
}

function timeouts(run) {
  const trees = treesWith(run, TIMEOUT),
    holders = new Map();
  for (const tree of trees) {
    for (const copy of unsettledAt(run, tree, run.trees.end[tree])) {
      push(
        holders,
        `${run.copies.task[copy]} ${whyUnsettled(run, copy, run.trees.end[tree]).replace(/, at .*|:/g, "")}`,
        copy,
      );
    }
  }
  return messages(
    run,
    trees,
    "bad",
    "failed by timeout",
    "timeout",
    make(
      "ul",
      {},
      [...holders].slice(0, SHOWN_AT_ONCE).map(([key, copies]) => {
        const [task, ...why] = key.split(" ");
        return make(
          "li",
          {},
          taskLink(run, Number(task)),
          ` ${why.join(" ")} `,
          some(
            copies,
            (copy) => tupleLink(run, copy, cut(valuesText(run, run.copies.emit[copy]), 40)),
            moreThan(run, copies),
          ),
        );
      }),
    ),
  );
}

function fails(run) {
  return messages(run, treesWith(run, TREE_FAILED), "bad", "failed by a bolt", "failed");
}

function forgotten(run) {
  return messages(run, treesWith(run, FORGOTTEN), "bad", "forgotten when a spout died", "forgotten");
}

function stuckTrees(run) {
  return messages(run, treesWith(run, PENDING), "odd", "pending at the end", "pending");
}

function replays(run) {
  const again = [...run.attemptsOf.values()].filter((attempts) => attempts.length > 1);
  const total = run.totals.messages.again;
  if (!total) return null;
  return make(
    "li",
    {},
    make("strong", {}, `${count(total, "message")} emitted again`),
    `, ${run.totals.messages.againAcked.toLocaleString("en")} of them acked: `,
    some(
      again,
      (attempts) => {
        const last =
          attempts.find((tree) => run.trees.outcome[tree] === TREE_ACKED) ?? attempts[attempts.length - 1];
        return [treeLink(run, last), ` (${outcome(run, last)})`];
      },
      link({ view: "trees", trees: "again", select: null }, "all"),
    ),
  );
}

function deaths(run) {
  const all = deathsOf(run),
    more = run.totals.kinds[run.KIND.died] - SHOWN_AT_ONCE;
  const shown = all.slice(0, SHOWN_AT_ONCE).map((death) => {
    const victims = [...new Set(death.restarts.map((each) => run.events.task[each]))].filter(
      (task) => task !== death.task,
    );
    const lost = lostCount(run, death);
    return make(
      "li",
      { class: "bad" },
      make("strong", {}, link({ select: `event-${death.event}` }, `${taskName(run, death.task)} died`)),
      " at ",
      timeLink(death.at),
      death.because ? ` of ${cut(death.because)}` : "",
      victims.length
        ? [
            ", and with it ",
            some(victims, (task) => taskLink(run, task), `${victims.length - SHOWN_AT_ONCE} more`),
          ]
        : "",
      lost ? `; ${count(lost, "tuple")} lost` : "",
    );
  });
  return more > 0
    ? [
        ...shown,
        make(
          "li",
          { class: "bad" },
          make("strong", {}, count(more, "more death")),
          ": ",
          link({ view: "events", kind: "died" }, "all"),
        ),
      ]
    : shown;
}

function lostAcks(run) {
  const copies = [];
  run.copies.fault.forEach((text, copy) => {
    if (text !== NOTHING && run.texts[text] === "lost-ack") copies.push(copy);
  });
  const more = (run.totals.faults["lost-ack"] ?? 0) - SHOWN_AT_ONCE;
  const shown = copies.slice(0, SHOWN_AT_ONCE).map((copy) => {
    const tree = listed(run.emits.trees[run.copies.emit[copy]])[0];
    const attempts = run.attemptsOf.get(run.trees.first[tree]),
      last = attempts[attempts.length - 1];
    const end = run.trees.end[last],
      again = attempts
        .filter((each) => each > tree)
        .reduce((sum, each) => sum + copiesOfTree(run, each).length, 0);
    const cost =
      end >= 0
        ? `${time(end - run.copies.end[copy])} until it ended, ${count(again, "tuple")} sent again`
        : "it is pending";
    return make(
      "li",
      { class: "odd" },
      make("strong", {}, "An ack was lost"),
      ", that of ",
      tupleLink(run, copy),
      ` by ${taskName(run, run.copies.task[copy])}: `,
      treeLink(run, tree),
      `, ${cost}`,
    );
  });
  return more > 0
    ? [
        ...shown,
        make(
          "li",
          { class: "odd" },
          make("strong", {}, count(more, "more lost ack")),
          ": ",
          link({ view: "events", kind: "fault" }, "all faults"),
        ),
      ]
    : shown;
}

function faults(run) {
  const events = new Map();
  run.events.kind.forEach((kind, event) => {
    if (kind === run.KIND.fault) push(events, run.texts[run.eventText.get(event)], event);
  });
  return Object.entries(run.totals.faults)
    .filter(([verdict]) => verdict !== "lost-ack")
    .map(([verdict, total]) =>
      make(
        "li",
        {},
        make("strong", {}, count(total, "fault")),
        ` (${FAULTS[verdict]}): `,
        some(
          events.get(verdict) ?? [],
          (event) => link(eventTarget(run, event), time(run.events.at[event])),
          link({ view: "events", kind: "fault" }, "all"),
        ),
      ),
    );
}

function errors(run) {
  const total = run.totals.kinds[run.KIND.error];
  return total
    ? make(
        "li",
        { class: "bad" },
        make("strong", {}, count(total, "error")),
        ": ",
        some(
          errorsByTitle(run),
          ([title, places]) => [
            link({ select: `error-${places[0]}` }, cut(title, 60)),
            places.length > 1 ? ` (${places.length.toLocaleString("en")} times)` : "",
          ],
          link({ view: "logs" }, "all"),
        ),
      )
    : null;
}

function longestQueue(run) {
  const best = [...run.totals.components].sort((a, b) => b.queue - a.queue)[0];
  return best && best.queue > 1
    ? make(
        "li",
        {},
        make("strong", {}, "The longest queue"),
        `: ${count(best.queue, "tuple")} in front of `,
        taskLink(run, best.queueTask),
        " at ",
        timeLink(best.queueAt),
      )
    : null;
}

function drawOverview(root, run) {
  const found = findings(run);
  root.append(
    run.notes.length
      ? make(
          "ul",
          { class: "notes" },
          run.notes.map((each) => make("li", {}, each)),
        )
      : "",
    make(
      "section",
      { "aria-label": "Findings" },
      make("h2", {}, "What is unusual"),
      found.length
        ? make("ul", { class: "findings" }, found)
        : make("p", {}, "Nothing: every message was acked at its first attempt."),
    ),
  );
  const graph = make("section", { "aria-label": "Graph" }, make("h2", {}, "Graph"));
  drawGraph(graph, run);
  root.append(graph);
}

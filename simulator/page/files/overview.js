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

/** A line about the messages of some trees: each with its attempts that are meant. */
function messages(run, trees, kind, words, filter, more = null) {
  if (!trees.length) return null;
  const meant = new Set(trees),
    found = messagesOf(run, trees);
  return make(
    "li",
    { class: kind },
    make("strong", {}, `${count(found.length, "message")} ${words}`),
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
            `${copies.length - SHOWN_AT_ONCE} more`,
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
  if (!again.length) return null;
  const acked = again.filter((attempts) =>
    attempts.some((tree) => run.trees.outcome[tree] === TREE_ACKED),
  ).length;
  return make(
    "li",
    {},
    make("strong", {}, `${count(again.length, "message")} emitted again`),
    `, ${acked.toLocaleString("en")} of them acked: `,
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
    more = all.length - SHOWN_AT_ONCE;
  const shown = all.slice(0, SHOWN_AT_ONCE).map((death) => {
    const victims = [...new Set(death.restarts.map((each) => run.events.task[each]))].filter(
      (task) => task !== death.task,
    );
    const lost = lostWith(run, death).length;
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
  return copies.slice(0, SHOWN_AT_ONCE).map((copy) => {
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
}

function faults(run) {
  const counts = new Map();
  run.events.kind.forEach((kind, event) => {
    if (kind === run.KIND.fault && run.texts[run.eventText.get(event)] !== "lost-ack")
      push(counts, run.texts[run.eventText.get(event)], event);
  });
  return [...counts].map(([verdict, events]) =>
    make(
      "li",
      {},
      make("strong", {}, count(events.length, "fault")),
      ` (${FAULTS[verdict]}): `,
      some(
        events,
        (event) => link(eventTarget(run, event), time(run.events.at[event])),
        link({ view: "events", kind: "fault" }, "all"),
      ),
    ),
  );
}

function errors(run) {
  return run.errors.length
    ? make(
        "li",
        { class: "bad" },
        make("strong", {}, count(run.errors.length, "error")),
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
  const best = run.tasks
    .map((task, lane) => ({ task: task.id, longest: queueOf(run, lane).longest }))
    .sort((a, b) => b.longest[1] - a.longest[1])[0];
  return best && best.longest[1] > 1
    ? make(
        "li",
        {},
        make("strong", {}, "The longest queue"),
        `: ${count(best.longest[1], "tuple")} in front of `,
        taskLink(run, best.task),
        " at ",
        timeLink(best.longest[0]),
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

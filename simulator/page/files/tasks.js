// Components and tasks in the inspector, and the order in which a task got its inputs.

const BEFORE = 5,
  AFTER = 2; // of the inputs around one

/** What the task took before and after a tuple: the order that it saw, from which stream. */
function aroundIt(run, copy) {
  const inputs = run.copiesAt[run.taskOf.get(run.copies.task[copy])],
    place = inputs.indexOf(copy);
  if (inputs.length < 2) return null;
  const first = Math.max(0, place - BEFORE);
  return [
    make("h3", {}, "The order at this task"),
    sampled(run),
    make(
      run.isSample ? "ul" : "ol",
      { class: "order", start: run.isSample ? null : first + 1 },
      inputs
        .slice(first, place + AFTER + 1)
        .map((each) => make("li", { class: each === copy ? "chosen" : null }, orderLine(run, each))),
    ),
  ];
}

function orderLine(run, copy) {
  return [
    mark(run.states[run.copies.state[copy]]),
    " ",
    make("span", { class: "from" }, originName(run, copy)),
    " ",
    tupleLink(run, copy),
    ` ${time(begins(run, copy))}`,
  ];
}

function inspectComponent(run, place) {
  const node = run.components[place],
    numbers = run.totals.components[place];
  return [
    make("h2", {}, node.name),
    facts([
      ["kind", node.kind],
      ["runs", node.runs],
      ["emitted", numbers.emitted.toLocaleString("en")],
      ["acked", numbers.acked.toLocaleString("en")],
      ["failed", numbers.failed.toLocaleString("en")],
      [node.kind === "spout" ? "pending" : "held", numbers.pending.toLocaleString("en")],
      [
        "longest queue",
        numbers.queue
          ? [
              numbers.queue.toLocaleString("en"),
              " at ",
              timeLink(numbers.queueAt),
              " in front of ",
              taskLink(run, numbers.queueTask),
            ]
          : null,
      ],
      ["deaths", numbers.died || null],
      ["restarts", numbers.restarts || null],
      ["errors", numbers.errors || null],
    ]),
    table(
      "Tasks",
      ["task", "worker", "took", "longest queue"],
      node.tasks.map((task) => {
        const lane = run.taskOf.get(task),
          { taken, queue } = run.totals.tasks[lane];
        return [
          taskLink(run, task),
          run.tasks[lane].worker ?? "?",
          taken.toLocaleString("en"),
          queue.toLocaleString("en"),
        ];
      }),
    ),
    facts([
      [
        "gets",
        listOf(
          run.graph.links.filter((each) => each.target === place),
          (each) => streamWords(run, each, each.source),
        ),
      ],
      [
        "feeds",
        listOf(
          run.graph.links.filter((each) => each.source === place),
          (each) => streamWords(run, each, each.target),
        ),
      ],
    ]),
  ];
}

function streamWords(run, stream, other) {
  return [
    link({ select: `component-${other}` }, run.components[other].name),
    ` ${stream.stream} ${stream.grouping}`,
  ];
}

function inspectTask(run, task) {
  const lane = run.taskOf.get(task),
    node = run.components[run.tasks[lane].component];
  const inputs = run.copiesAt[lane],
    { taken, queue, queueAt } = run.totals.tasks[lane];
  const worker = run.tasks[lane].worker;
  const mates = run.tasks.filter((each) => each.worker === worker && each.id !== task);
  return [
    make("h2", {}, taskName(run, task)),
    facts([
      ["component", link({ select: `component-${run.tasks[lane].component}` }, node.name)],
      [
        "worker",
        worker === null || worker === undefined
          ? null
          : [
              `${worker}, `,
              mates.length
                ? ["with ", mates.slice(0, 20).map((each, at) => [at ? ", " : "", taskLink(run, each.id)])]
                : "alone",
            ],
      ],
      ["longest queue", queue ? [`${queue.toLocaleString("en")} at `, timeLink(queueAt)] : null],
      ["timeline", link({ view: "timeline" }, "show it")],
    ]),
    inputs.length
      ? [
          make("h3", {}, `Inputs in their order (${taken.toLocaleString("en")})`),
          sampled(run),
          make(
            run.isSample ? "ul" : "ol",
            { class: "order" },
            inputs.slice(0, MOST_LISTED).map((copy) => make("li", {}, orderLine(run, copy))),
          ),
          inputs.length > MOST_LISTED
            ? make(
                "p",
                { class: "more" },
                `and ${(taken - MOST_LISTED).toLocaleString("en")} more, in the timeline`,
              )
            : null,
        ]
      : null,
    logLines(
      run,
      run.logs.map((each, place) => place).filter((place) => run.logs[place][1] === task),
      "Log lines",
    ),
  ];
}

/** The component and the stream that a tuple came from. */
function originName(run, copy) {
  const emit = run.copies.emit[copy],
    source = componentOf(run, emitTask(run, emit)),
    stream = streamName(run, emit);
  const name = source === null ? `task ${emitTask(run, emit)}` : run.components[source].name;
  return stream === "default" ? name : `${name}:${stream}`;
}

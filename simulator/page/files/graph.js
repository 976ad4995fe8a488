// The graph: components as boxes, streams as arrows, with counts and rates; a colour for what is looked for.

const SHADES = {
  failed: ["failed", (numbers) => numbers.failed],
  pending: ["pending or held", (numbers) => numbers.pending],
  queue: ["longest queue", (numbers) => numbers.queue],
};

function drawGraph(root, run) {
  const shade = SHADES[here.shade] ? here.shade : "failed";
  root.append(
    make(
      "fieldset",
      { class: "choice" },
      make("legend", {}, "Colour by"),
      Object.entries(SHADES).map(([name, [words]]) =>
        make(
          "label",
          {},
          make("input", {
            type: "radio",
            name: "shade",
            value: name,
            checked: name === shade,
            onchange: () => go({ shade: name }),
          }),
          ` ${words}`,
        ),
      ),
    ),
  );
  root.append(make("div", { class: "graph" }, graphPicture(run, shade)));
}

function graphPicture(run, shade) {
  const { width, height, links } = run.graph,
    { flows, components: counts } = run.totals;
  const amount = SHADES[shade][1],
    most = Math.max(1, ...counts.map(amount));
  const chosen = selection();
  return draw(
    "svg",
    {
      viewBox: `0 40 ${width} ${height - 40}`,
      width,
      height: height - 40,
      role: "group",
      "aria-label": "Graph of the topology",
    },
    draw(
      "defs",
      {},
      draw(
        "marker",
        {
          id: "arrow",
          viewBox: "0 0 8 8",
          refX: 8,
          refY: 4,
          markerWidth: 8,
          markerHeight: 8,
          markerUnits: "userSpaceOnUse",
          orient: "auto",
        },
        draw("path", { d: "M0,0 L8,4 L0,8 z", class: "head" }),
      ),
    ),
    links.map(
      (each, place) =>
        each.path &&
        draw("path", {
          d: each.path,
          class: each.back ? "arrow back" : "arrow",
          "marker-end": "url(#arrow)",
          "stroke-width": flows[place] ? 1.5 + Math.log10(flows[place]) : 1,
        }),
    ),
    links.map((each, place) => each.path && streamLabel(run, each, flows[place])),
    run.components.map((node, place) =>
      box(
        run,
        node,
        place,
        counts[place],
        amount(counts[place]) / most,
        shade,
        chosen?.kind === "component" && chosen.place === place,
      ),
    ),
  );
}

function streamLabel(run, stream, flow) {
  const seconds = run.endMs / 1000,
    rate = seconds ? flow / seconds : 0;
  const lines = [
    ...stream.label,
    `${flow.toLocaleString("en")} · ${rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en")}/s`,
  ];
  const top = stream.y - ((lines.length - 1) * 16) / 2;
  return draw(
    "g",
    { class: "stream" },
    lines.map((line, at) =>
      draw("text", { x: stream.x, y: top + at * 16 + 4, "text-anchor": "middle" }, line),
    ),
  );
}

function box(run, node, place, numbers, share, shade, isChosen) {
  const [x, y, width, height] = node.box,
    middle = x + width / 2;
  const tasks = node.tasks.length === 1 ? `task ${node.tasks[0]}` : `${node.tasks.length} tasks`;
  const loop = run.graph.links.find((each) => each.source === place && each.target === place);
  const held = node.kind === "spout" ? "pending" : "held";
  const third =
    shade === "queue"
      ? `longest queue ${numbers.queue.toLocaleString("en")}`
      : `${held} ${numbers.pending.toLocaleString("en")} failed ${numbers.failed.toLocaleString("en")}`;
  const lines = [
    `${tasks}${loop ? " ↻" : ""}`,
    `${numbers.emitted.toLocaleString("en")} out, ${numbers.acked.toLocaleString("en")} acked`,
    third,
  ];
  return draw(
    "a",
    {
      href: address({ select: `component-${place}` }),
      class: `box ${node.kind}${isChosen ? " chosen" : ""}`,
      "aria-label": `${node.kind} ${node.name}: ${lines.join(", ")}`,
    },
    draw("rect", { x, y, width, height, rx: node.kind === "spout" ? 18 : 3 }),
    share
      ? draw("rect", { x, y: y + height - 6, width: Math.max(6, width * share), height: 6, class: "share" })
      : null,
    draw("text", { x: middle, y: y + 24, class: "name", "text-anchor": "middle" }, cut(node.name, 40)),
    lines.map((line, at) => draw("text", { x: middle, y: y + 42 + at * 15, "text-anchor": "middle" }, line)),
  );
}

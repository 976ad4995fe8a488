// All events as a table, page by page: what the timeline shows, for who reads.

const PAGE_ROWS = 250;

function drawEvents(root, run) {
  const kind = run.kinds.includes(here.kind) ? here.kind : "";
  const chosen =
    kind === "" ? run.byTime : run.byTime.filter((event) => run.kinds[run.events.kind[event]] === kind);
  const pages = Math.max(1, Math.ceil(chosen.length / PAGE_ROWS));
  const page = Math.min(Math.max(Number(here.page) || 1, 1), pages);
  const { kinds } = run.totals;
  root.append(
    sampled(run) ?? "",
    make(
      "div",
      { class: "tools" },
      make("label", { for: "kind" }, "Event "),
      make(
        "select",
        { id: "kind", onchange: (event) => go({ kind: event.target.value || null, page: null }) },
        make("option", { value: "" }, `all (${run.totals.events.toLocaleString("en")})`),
        run.kinds.map(
          (name, place) =>
            kinds[place] > 0 &&
            make(
              "option",
              { value: name, selected: name === kind },
              `${name} (${kinds[place].toLocaleString("en")})`,
            ),
        ),
      ),
      page > 1 ? link({ page: page - 1 }, "◀ earlier") : null,
      make("span", {}, ` page ${page.toLocaleString("en")} of ${pages.toLocaleString("en")} `),
      page < pages ? link({ page: page + 1 }, "later ▶") : null,
    ),
    eventTable(
      run,
      `Events${kind ? ` of the kind ${kind}` : ""}, by time`,
      chosen.subarray((page - 1) * PAGE_ROWS, page * PAGE_ROWS),
    ),
  );
}

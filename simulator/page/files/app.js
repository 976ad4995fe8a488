// The page: tabs, search, keys.

/** The views, in the order of their tabs: the name in the address, the words of the tab, and what draws it. A drawer may
 * return a function that is called when the reader goes to another place of the same view; without, it is drawn anew. Some
 * views are there only when the page has what they show. */
const VIEWS = [
  { name: "report", words: "Guarantees", draw: drawReport, isThere: (page) => page.report !== null },
  { name: "compare", words: "Compare", draw: drawCompare, isThere: (page) => page.pairs.length > 0 },
  { name: "overview", words: "Overview", draw: drawOverview },
  { name: "timeline", words: "Timeline", draw: drawTimeline },
  { name: "trees", words: "Trees", draw: drawTrees },
  { name: "logs", words: "Logs and errors", draw: drawLogs },
  { name: "events", words: "Events", draw: drawEvents },
  { name: "search", words: "Search", draw: drawSearch, needs: "query" },
];

/** The keys, for a page that has so many views. */
const keysOf = (views) => [
  ["/", "search"],
  [`1 … ${views}`, "the views"],
  ["Esc", "close what is selected"],
  ["?", "these keys"],
  ["← → + - 0 n p", "in the timeline"],
];

const isNarrow = matchMedia("(max-width: 760px)");

function start() {
  const page = openPage(JSON.parse(document.getElementById("data").textContent));
  const views = VIEWS.filter((each) => !each.isThere || each.isThere(page));
  const main = document.getElementById("main"),
    inspector = document.getElementById("inspector");
  document.getElementById("title").textContent = page.title;
  let shown = null,
    shownRun = null,
    onArrive = null;
  follow((before) => {
    const view = views.find((each) => each.name === here.view) ?? views[0],
      run = page.runs[Number(here.run)] ?? page.runs[0];
    drawHeader(page, run);
    drawTabs(views, view);
    if (view === shown && run === shownRun && onArrive) onArrive(before);
    else {
      const place = view === shown ? main.scrollTop : 0;
      main.replaceChildren();
      main.setAttribute("aria-label", view.words);
      onArrive = view.draw(main, run, page) ?? null;
      main.scrollTop = place;
    }
    shown = view;
    shownRun = run;
    drawInspector(inspector, run);
    if (here.select && here.select !== before.select && isNarrow.matches)
      inspector.scrollIntoView({ block: "nearest" });
    if (here.select && here.select !== before.select)
      announce(inspector.querySelector("h2")?.textContent ?? "");
  });
  window.addEventListener("hashchange", arrive);
  listenToSearch(views, () => shownRun);
  listenToKeys(
    main,
    inspector,
    views.filter((each) => !each.needs),
  );
  for (const change of ["(prefers-color-scheme: dark)", "print"])
    matchMedia(change).addEventListener("change", () => onArrive?.(here));
  arrive();
  document.documentElement.dataset.ready = "true";
}

/** Read the data of a page. */
function openPage(data) {
  return {
    title: visible(data.title),
    runs: data.runs.map(openRun),
    pairs: visibly(data.pairs),
    report: visibly(data.report),
  };
}

/** The facts of the run, and of several runs which one it is. */
function drawHeader(page, run) {
  document.getElementById("facts").textContent = [
    ...Object.entries(run.facts).map(([name, value]) => `${name} ${value}`),
    time(run.endMs),
    count(run.totals.events, "event"),
  ].join(" · ");
  const runs = document.getElementById("runs");
  if (page.runs.length < 2) return;
  runs.hidden = false;
  runs.replaceChildren(
    "Run: ",
    ...page.runs
      .map((each, place) => [
        place ? " · " : "",
        make(
          "a",
          {
            href: address({
              run: place || null,
              select: null,
              ...(here.view === "compare" || here.view === "report" || !here.view
                ? { view: "overview" }
                : {}),
            }),
            "aria-current": each === run ? "true" : null,
          },
          each.title,
        ),
      ])
      .flat(),
  );
}

function drawTabs(views, shown) {
  const tabs = document.getElementById("tabs"),
    hadFocus = tabs.contains(document.activeElement);
  tabs.replaceChildren(
    ...views
      .filter((each) => !each.needs || here[each.needs])
      .map((each) =>
        make(
          "a",
          {
            role: "tab",
            id: `tab-${each.name}`,
            href: address({ view: each.name }),
            "aria-selected": String(each === shown),
            "aria-controls": "main",
            tabindex: each === shown ? 0 : -1,
          },
          each.words,
        ),
      ),
  );
  if (hadFocus) tabs.querySelector("[aria-selected=true]").focus();
}

function listenToSearch(views, run) {
  const query = document.getElementById("query");
  document.getElementById("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = query.value.trim(),
      stretch = readStretch(text, run().endMs);
    if (stretch) go({ view: "timeline", ...stretch, query: null });
    else go({ view: text ? "search" : here.view === "search" ? null : here.view, query: text || null });
  });
  follow((before) => {
    if (here.query !== before.query && here.query) query.value = here.query;
  });
}

function listenToKeys(main, inspector, views) {
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input[type=search], select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (isTyping) main.focus();
      else if (here.select) go({ select: null });
    } else if (isTyping) return;
    else if (event.key === "/") {
      event.preventDefault();
      document.getElementById("query").select();
      document.getElementById("query").focus();
    } else if (event.key === "?") showKeys(inspector, keysOf(views.length));
    else if (/^[1-9]$/.test(event.key) && views[event.key - 1]) go({ view: views[event.key - 1].name });
  });
  document.getElementById("tabs").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const tabs = [...event.currentTarget.children],
      next = (tabs.indexOf(document.activeElement) + by + tabs.length) % tabs.length;
    tabs[next].focus();
    tabs[next].click();
  });
}

function showKeys(inspector, keys) {
  inspector.classList.remove("empty");
  inspector.replaceChildren(make("h2", {}, "Keys"), facts(keys));
}

start();

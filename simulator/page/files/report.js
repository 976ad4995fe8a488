// The guarantee report: the laws, and of each broken one its smallest case.

const VERDICT_MARKS = { held: "✓", broken: "✗", "not decided": "?" };

function drawReport(root, run, page) {
  const { topology, coverage, notes, laws } = page.report;
  const broken = laws.filter((each) => each.verdict === "broken");
  root.append(
    make(
      "h2",
      {},
      broken.length ? `${topology} breaks ${count(broken.length, "law")}` : `${topology} breaks no law`,
    ),
    make("p", {}, coverage),
    notes.length
      ? make(
          "ul",
          { class: "notes" },
          notes.map((each) => make("li", {}, each)),
        )
      : "",
    table(
      "Laws",
      ["law", "verdict", "why"],
      laws.map((each) => [
        each.title,
        [
          make(
            "span",
            {
              class: `mark ${each.verdict === "broken" ? "failed" : each.verdict === "held" ? "acked" : "held"}`,
              "aria-hidden": "true",
            },
            VERDICT_MARKS[each.verdict],
          ),
          ` ${each.verdict}`,
        ],
        each.verdict === "broken" && each.pair !== null
          ? [`${each.reason} — `, caseLink(each, "see its smallest case")]
          : each.reason,
      ]),
    ),
    ...broken.map(brokenLaw),
  );
}

function caseLink(law, words) {
  return link({ view: "compare", pair: law.pair || null, run: null, select: null }, words);
}

function brokenLaw(law) {
  return section(
    law.title,
    law.pair === null ? null : make("p", {}, caseLink(law, "The smallest case beside the fault-free run")),
    law.inevitable ? make("p", {}, law.inevitable) : null,
    make("pre", {}, law.summary.join("\n")),
    law.case ? make("p", {}, "Again: ", make("code", {}, `sparse explore --replay ${law.case}`)) : null,
  );
}

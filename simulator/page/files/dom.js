// Elements. Text from a run is only ever put in as text: nothing in this program parses HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: `make("a", { class: "x", href: "#", onclick: f }, "text", child)`. */
function make(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Make an element of SVG. */
function draw(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false),
  );
  return element;
}

/** A button that goes to a place of the page: an address behind the `#`. */
function link(target, ...children) {
  return make("a", { href: address(target) }, ...children);
}

/** A table with a heading for each column; a row is a list of cells. */
function table(caption, headings, rows, properties = {}) {
  return make(
    "table",
    properties,
    make("caption", {}, caption),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        headings.map((each) => make("th", { scope: "col" }, each)),
      ),
    ),
    make(
      "tbody",
      {},
      rows.map((row) =>
        make(
          "tr",
          {},
          row.map((cell) => make("td", {}, cell)),
        ),
      ),
    ),
  );
}

/** A list of a name and its value each; entries without a value are left out. */
function facts(entries) {
  const shown = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make(
    "dl",
    {},
    shown.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
  );
}

/** Say something to who does not see the page. */
function announce(text) {
  document.getElementById("status").textContent = text;
}

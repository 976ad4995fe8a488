// Where the reader is: the address behind the `#`, so that the way back and links work.
//
//   view     the tab
//   select   what the inspector shows: tuple-7, emit-3, value-3.1, tree-2, component-0, task-4, event-9, log-1, error-0
//   from, to the part of time that the timeline shows, in virtual milliseconds
//   query    what is searched for
//   run      which run of the page, from 0
//   pair     which comparison of the page, from 0

let here = {};
const followers = [];

function readAddress() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** The run that links lead to while something is made: that of the reader, unless `ofRun` says another one. */
let linked = null;

/** Make something whose links lead to a run of the page, given by its place. */
function ofRun(place, make) {
  const before = linked;
  linked = place;
  try {
    return make();
  } finally {
    linked = before;
  }
}

/** The address of a place: the present one with some parts changed; null removes a part. */
function address(changes) {
  const next = new URLSearchParams();
  const run = linked === null ? {} : { run: linked || null };
  for (const [name, value] of Object.entries({ ...here, ...run, ...changes })) {
    if (value !== null && value !== undefined && value !== "") next.set(name, value);
  }
  return `#${next}`;
}

/** Go to a place. */
function go(changes) {
  location.hash = address(changes);
}

/** Change the address without a step in the history: for what changes all the time, such as a zoom. */
function drift(changes) {
  const target = address(changes);
  here = Object.fromEntries(new URLSearchParams(target.slice(1)));
  clearTimeout(drift.later); // browsers allow so many changes in a while
  delete document.documentElement.dataset.at;
  drift.later = setTimeout(() => {
    history.replaceState(null, "", target);
    noteArrival();
  }, 300);
}

/** Say which address is shown, and that it is whole: a test waits for it. */
function noteArrival() {
  document.documentElement.dataset.at = location.hash;
}

/** Call a function whenever the place has changed, with the place before. */
function follow(follower) {
  followers.push(follower);
}

function arrive() {
  clearTimeout(drift.later); // its address is that of a place the reader has left
  const before = here;
  here = readAddress();
  followers.forEach((each) => each(before));
  noteArrival();
}

/** What is selected, as its kind and its number; null when nothing is. */
function selection() {
  const found = /^([a-z]+)-(\d+)(?:\.(\d+))?$/.exec(here.select ?? "");
  return (
    found && {
      kind: found[1],
      place: Number(found[2]),
      part: found[3] === undefined ? null : Number(found[3]),
    }
  );
}

// The scale of time. Virtual time jumps: a run may do nothing for 30 seconds, then all in some milliseconds. So a stretch
// in which nothing happens is drawn shorter than it is, unless the reader wants it even.

const IDLE_FACTOR = 20; // a gap so many times longer than what is usual between two events is idle time
const IDLE_LEAST_MS = 20;

/** A scale that is the same everywhere: a millisecond is a unit. */
function evenScale(endMs) {
  return { units: Math.max(1, endMs), place: (at) => at, timeAt: (unit) => unit, gaps: [] };
}

/** A scale that draws idle time short; the even one when there is none. */
function shortScale(run) {
  const times = changesOf(run),
    end = Math.max(1, run.endMs);
  const gaps = [];
  for (let place = 1; place < times.length; place++)
    if (times[place] > times[place - 1]) gaps.push(times[place] - times[place - 1]);
  const usual = quantile(gaps, 0.8);
  const most = Math.max(IDLE_LEAST_MS, usual * IDLE_FACTOR);
  const idle = [];
  for (let place = 1; place < times.length; place++) {
    const length = times[place] - times[place - 1];
    if (length > most) idle.push({ from: times[place - 1], to: times[place] });
  }
  const active = end - idle.reduce((sum, each) => sum + each.to - each.from, 0);
  const drawn = Math.max(1, active * 0.15); // what a gap is drawn as, at most
  const gapsShown = idle.filter((each) => each.to - each.from > 2 * drawn);
  if (!gapsShown.length) return evenScale(end);
  let saved = 0;
  const shown = gapsShown.map(({ from, to }) => {
    const unit = from - saved;
    saved += to - from - drawn;
    return { from, to, unit, units: drawn };
  });
  return {
    units: Math.max(1, end - saved),
    gaps: shown,
    place: (at) => {
      const gap = shown[firstWhere(shown, (each) => each.from > at) - 1];
      if (!gap) return at;
      return at <= gap.to
        ? gap.unit + ((at - gap.from) / (gap.to - gap.from)) * gap.units
        : gap.unit + gap.units + at - gap.to;
    },
    timeAt: (unit) => {
      const gap = shown[firstWhere(shown, (each) => each.unit > unit) - 1];
      if (!gap) return unit;
      const inside = unit - gap.unit;
      return inside <= gap.units
        ? gap.from + (inside / gap.units) * (gap.to - gap.from)
        : gap.to + inside - gap.units;
    },
  };
}

/** Every instant at which something happened, ascending. */
function changesOf(run) {
  const { due, start, end } = run.copies;
  const times = new Float64Array(run.size + 3 * due.length + 2);
  times.set(run.events.at);
  times.set(due, run.size);
  times.set(start, run.size + due.length);
  times.set(end, run.size + 2 * due.length);
  times[times.length - 1] = run.endMs;
  return times.map((each) => Math.min(Math.max(each, 0), run.endMs)).sort();
}

function quantile(list, part) {
  if (!list.length) return 0;
  return Float64Array.from(list).sort()[Math.floor((list.length - 1) * part)];
}

/** The first place in a sorted list from which a condition holds. */
function firstWhere(list, holds) {
  let low = 0,
    high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

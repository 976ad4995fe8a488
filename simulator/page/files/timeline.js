// The timeline: a lane for each task, drawn on a canvas; only what is in sight is drawn. The table below it has the same
// stretch of time as text.

const LANE = 62,
  AXIS = 26,
  LABELS = 190,
  LEVELS = 5,
  MOST_ROWS = 200;
const BAR = 7; // the height of a bar; below the bars of a lane are its marks, and below these its log lines
const MARKS = LANE - 17,
  LOGS = LANE - 5;

function drawTimeline(root, run) {
  const view = new Timeline(root, run);
  return (before) => view.arrive(before);
}

class Timeline {
  constructor(root, run) {
    this.run = run;
    this.whole = Math.max(1, run.endMs);
    run.scale ??= shortScale(run);
    this.scale = here.even ? evenScale(run.endMs) : run.scale;
    this.lane = 0;
    this.hits = [];
    this.canvas = make("canvas", {
      tabindex: 0,
      role: "application",
      "aria-label": "Timeline of all tasks",
      "aria-describedby": "timeline-keys",
      class: "timeline",
    });
    this.space = make("div", { class: "space" });
    this.scroller = make("div", { class: "scroller" }, this.canvas, this.space);
    this.tip = make("div", { class: "tip", role: "tooltip", hidden: true });
    this.rows = make("div", { class: "rows" });
    const button = (words, title, onclick) => make("button", { type: "button", title, onclick }, words);
    root.append(
      sampled(run) ?? "",
      make(
        "div",
        { class: "tools" },
        button("+", "Zoom in (+)", () => this.zoom(0.5)),
        button("−", "Zoom out (-)", () => this.zoom(2)),
        button("All", "The whole run (0)", () => this.show(0, this.scale.units)),
        button("◀", "Earlier (left arrow)", () => this.pan(-0.5)),
        button("▶", "Later (right arrow)", () => this.pan(0.5)),
        run.scale.gaps.length
          ? make(
              "label",
              {},
              make("input", {
                type: "checkbox",
                checked: !here.even,
                onchange: () => go({ even: here.even ? null : 1 }),
              }),
              " short idle time",
            )
          : null,
        (this.stretch = make("output", {})),
        legend(),
      ),
      this.scroller,
      this.tip,
      make(
        "p",
        { id: "timeline-keys", class: "keys" },
        "Arrow keys move in time and between lanes, + and - zoom, 0 shows all, n and p go from tuple to tuple in the lane, Enter selects.",
      ),
      this.rows,
    );
    this.space.style.height = `${run.tasks.length * LANE + AXIS}px`;
    this.scroller.style.height = `${Math.min(run.tasks.length * LANE + AXIS + 2, 560)}px`;
    this.listen();
    new ResizeObserver(() => this.paint()).observe(this.scroller);
    // Paper has colours of its own, and is not asked for a frame.
    matchMedia("print").addEventListener("change", () => {
      if (this.canvas.isConnected) this.paintNow();
    });
    this.arrive();
  }

  readStretch() {
    const from = Number(here.from),
      to = Number(here.to);
    const isSet = here.from !== undefined && here.to !== undefined && from < to;
    this.setStretch(isSet ? from : 0, isSet ? to : this.whole);
  }

  /** Follow the address: another stretch of time, or another selection. */
  arrive() {
    this.scale = here.even ? evenScale(this.run.endMs) : this.run.scale;
    this.readStretch();
    this.choose();
    this.paint();
    this.listEvents();
  }

  /** What is highlighted: the selected thing and its whole tree. */
  choose() {
    const chosen = selection(),
      { run } = this;
    this.copies = new Set();
    this.trees = new Set();
    this.chosen = here.select ?? "";
    if (!chosen) return;
    let trees = [];
    if (chosen.kind === "tuple" && chosen.place < run.copies.emit.length)
      trees = listed(run.emits.trees[run.copies.emit[chosen.place]]);
    else if (chosen.kind === "tree" && chosen.place < run.trees.emit.length) trees = [chosen.place];
    else if ((chosen.kind === "emit" || chosen.kind === "value") && chosen.place < run.emits.event.length)
      trees = listed(run.emits.trees[chosen.place]);
    for (const tree of trees) {
      this.trees.add(tree);
      for (const copy of copiesOfTree(run, tree)) this.copies.add(copy);
    }
  }

  // -- moving

  /** Show a stretch of the scale, in its units. */
  show(from, to, settled = true) {
    const { units, timeAt } = this.scale;
    const width = Math.min(Math.max(to - from, Math.min(5, units)), units);
    const left = Math.min(Math.max(from, 0), units - width);
    this.setStretch(timeAt(left), timeAt(left + width));
    const isAll = width >= units;
    drift({ from: isAll ? null : round(this.from), to: isAll ? null : round(this.to) });
    this.paint();
    if (settled) this.listEvents();
  }

  setStretch(from, to) {
    this.from = from;
    this.to = to;
    this.left = this.scale.place(from);
    this.right = Math.max(this.scale.place(to), this.left + 1e-6);
  }

  zoom(factor, around = (this.left + this.right) / 2) {
    this.show(around - (around - this.left) * factor, around + (this.right - around) * factor);
  }

  pan(part) {
    const shift = (this.right - this.left) * part;
    this.show(this.left + shift, this.right + shift);
  }

  /** The pixel of an instant. */
  x(at) {
    return LABELS + ((this.scale.place(at) - this.left) / (this.right - this.left)) * (this.width - LABELS);
  }

  /** The place on the scale that a pixel is at. */
  unitAt(x) {
    return this.left + ((x - LABELS) / (this.width - LABELS)) * (this.right - this.left);
  }

  // -- painting

  paint() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      this.paintNow();
    });
  }

  paintNow() {
    const { canvas, scroller, run } = this,
      scale = window.devicePixelRatio || 1;
    this.width = scroller.clientWidth;
    this.height = scroller.clientHeight;
    if (!this.width || !this.height) return;
    canvas.width = Math.round(this.width * scale);
    canvas.height = Math.round(this.height * scale);
    canvas.style.width = `${this.width}px`;
    canvas.style.height = `${this.height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    this.colours = coloursOf(canvas);
    pen.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    pen.textBaseline = "middle";
    this.hits = [];
    const first = Math.floor(scroller.scrollTop / LANE);
    const last = Math.min(run.tasks.length - 1, Math.floor((scroller.scrollTop + this.height - AXIS) / LANE));
    for (let lane = first; lane <= last; lane++)
      this.paintLane(pen, lane, AXIS + lane * LANE - scroller.scrollTop);
    this.paintAxis(pen);
    this.stretch.textContent = `${time(round(Math.max(0, this.from)))} to ${time(round(Math.min(this.to, this.whole)))}`;
    canvas.dataset.painted = String(Number(canvas.dataset.painted ?? 0) + 1);
  }

  paintAxis(pen) {
    const { colours } = this;
    pen.fillStyle = colours.ground;
    pen.fillRect(0, 0, this.width, AXIS);
    pen.fillStyle = pen.strokeStyle = colours.quiet;
    for (let x = LABELS; x < this.width - 20; x += 110) {
      const at = this.niceAt(x),
        place = Math.round(this.x(at)) + 0.5,
        words = time(at);
      if (at > this.whole || place < LABELS) continue;
      if (place + 3 + pen.measureText(words).width < this.width) pen.fillText(words, place + 3, AXIS / 2);
      line(pen, place, AXIS - 8, place, AXIS);
    }
    line(pen, 0, AXIS - 0.5, this.width, AXIS - 0.5);
    this.paintGaps(pen, AXIS, this.height);
  }

  /** An instant near a pixel, as round as the scale allows there. */
  niceAt(x) {
    const from = this.scale.timeAt(this.unitAt(x)),
      to = this.scale.timeAt(this.unitAt(x + 60));
    const step = niceStep((to - from) / 2);
    return Math.ceil(Math.max(0, from) / step) * step;
  }

  /** Idle time that is drawn short, hatched, with its length. */
  paintGaps(pen, top, height) {
    const { colours } = this;
    pen.strokeStyle = colours.rule;
    pen.fillStyle = colours.quiet;
    pen.textAlign = "center";
    for (const gap of this.scale.gaps) {
      const from = Math.max(this.x(gap.from), LABELS),
        to = Math.min(this.x(gap.to), this.width);
      if (to - from < 12) continue;
      for (let at = from + 4; at < to - 4; at += 8) line(pen, at, top, at, top + 4);
      if (to - from > 60)
        pen.fillText(`${time(gap.to - gap.from)} idle`, (from + to) / 2, height - 8, to - from - 8);
    }
    pen.textAlign = "start";
  }

  paintLane(pen, lane, top) {
    const { run, colours } = this,
      task = run.tasks[lane];
    pen.fillStyle =
      lane === this.lane && document.activeElement === this.canvas ? colours.raised : colours.ground;
    pen.fillRect(0, top, this.width, LANE);
    pen.strokeStyle = colours.rule;
    line(pen, 0, top + LANE - 0.5, this.width, top + LANE - 0.5);
    pen.save();
    pen.beginPath();
    pen.rect(LABELS, top, this.width - LABELS, LANE);
    pen.clip();
    const contents = laneOf(run, lane);
    this.paintDepth(pen, contents.height, top);
    this.paintBars(pen, lane, contents.bars, top);
    this.paintMarks(pen, contents.marks, top);
    pen.restore();
    pen.fillStyle = colours.text;
    pen.fillText(cut(run.components[task.component].name, 26), 8, top + 20, LABELS - 16);
    pen.fillStyle = colours.quiet;
    const worker = task.worker === null || task.worker === undefined ? "" : `, worker ${task.worker}`;
    pen.fillText(`task ${task.id}${worker}`, 8, top + 38, LABELS - 16);
  }

  paintBars(pen, lane, bars, top) {
    const { colours } = this,
      dims = this.copies.size > 0 || this.trees.size > 0;
    const covered = new Array(LEVELS).fill(-1),
      kinds = new Array(LEVELS).fill("");
    const start = firstWhere(bars, (bar) => bar.latest >= this.from);
    for (let place = start; place < bars.length && bars[place].from <= this.to; place++) {
      const bar = bars[place];
      const isChosen = this.copies.has(bar.copy) || this.trees.has(bar.tree);
      if (bar.to < this.from || (bar.level < 0 && !isChosen)) continue;
      const level = bar.level < 0 ? LEVELS - 1 : bar.level;
      const x = Math.round(this.x(bar.from)),
        width = Math.max(2, Math.round(this.x(bar.to)) - x),
        y = top + 3 + level * BAR;
      // What would cover pixels that have this colour already is not drawn.
      if (!isChosen && x + width <= covered[level] && kinds[level] === bar.kind) continue;
      covered[level] = x + width;
      kinds[level] = bar.kind;
      pen.globalAlpha = dims && !isChosen ? 0.22 : 1;
      pen.fillStyle = colours[bar.kind] ?? colours.quiet;
      pen.fillRect(x, y, width, BAR - 1.5);
      if (bar.kind === "held" || bar.kind === "pending") this.hatch(pen, x, y, width);
      if ((bar.kind === "failed" || bar.kind === "timeout" || bar.kind === "lost") && width > 8) {
        pen.strokeStyle = colours.ground;
        pen.lineWidth = 1.5;
        line(pen, x + width - 6, y + 1, x + width - 1, y + BAR - 2);
        pen.lineWidth = 1;
      }
      const target = bar.copy === NOTHING ? `tree-${bar.tree}` : `tuple-${bar.copy}`;
      if (isChosen || target === this.chosen) {
        pen.strokeStyle = target === this.chosen ? colours.text : colours.accent;
        pen.lineWidth = target === this.chosen ? 2 : 1;
        pen.strokeRect(x - 0.5, y - 0.5, width + 1, BAR - 0.5);
        pen.lineWidth = 1;
      }
      this.hits.push({ x, y, width, height: BAR, target, lane });
    }
    pen.globalAlpha = 1;
  }

  hatch(pen, x, y, width) {
    pen.strokeStyle = this.colours.ground;
    const from = Math.max(x, LABELS),
      to = Math.min(x + width, this.width);
    for (let at = from - (from % 8) + 8; at < to; at += 8) line(pen, at, y, at - 4, y + BAR - 1.5);
  }

  /** A height behind the bars: how many wait in front of a bolt, and how many of a spout are not acked yet. */
  paintDepth(pen, { steps, longest }, top) {
    if (longest[1] < 2) return;
    const height = LEVELS * BAR + 4,
      floor = top + 3 + height;
    pen.fillStyle = this.colours.queue;
    let pixel = -1,
      highest = 0;
    for (
      let place = Math.max(0, firstWhere(steps, (step) => step[0] > this.from) - 1);
      place < steps.length && steps[place][0] <= this.to;
      place++
    ) {
      const x = Math.floor(this.x(steps[place][0])),
        next = place + 1 < steps.length ? this.x(steps[place + 1][0]) : this.x(this.whole);
      const size = steps[place][1];
      if (x !== pixel) highest = 0;
      else if (size <= highest && next - x < 1) continue; // several changes in one pixel: the highest is shown
      pixel = x;
      highest = Math.max(size, highest);
      const tall = (size / longest[1]) * height;
      pen.fillRect(x, floor - tall, Math.max(1, next - x), tall);
    }
  }

  paintMarks(pen, marks, top) {
    const { colours } = this;
    const last = { log: -20, other: -20 };
    let name = "";
    pen.textAlign = "center";
    for (
      let place = firstWhere(marks, (each) => each.at >= this.from);
      place < marks.length && marks[place].at <= this.to;
      place++
    ) {
      const each = marks[place],
        x = this.x(each.at);
      const isLog = each.name === "log",
        row = isLog ? "log" : "other",
        y = top + (isLog ? LOGS : MARKS);
      if (x - last[row] < 7 && (isLog || each.name === name) && each.target !== this.chosen) continue;
      last[row] = x;
      if (!isLog) name = each.name;
      pen.fillStyle = colours[each.name] ?? (isLog ? colours.quiet : colours.text);
      pen.fillText(each.glyph, x, y);
      if (each.name === "died" || each.target === this.chosen) {
        pen.strokeStyle = colours[each.name] ?? colours.text;
        line(pen, Math.round(x) + 0.5, top, Math.round(x) + 0.5, top + MARKS - 7);
      }
      this.hits.push({ x: x - 6, y: y - 6, width: 12, height: 12, target: each.target });
    }
    pen.textAlign = "start";
  }

  // -- mouse and keys

  listen() {
    const { canvas, scroller } = this;
    scroller.addEventListener("scroll", () => this.paint());
    canvas.addEventListener("focus", () => this.paint());
    canvas.addEventListener("blur", () => this.paint());
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (event.ctrlKey || event.metaKey) {
          event.preventDefault();
          this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.unitAt(event.offsetX));
        } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          event.preventDefault();
          this.pan((event.deltaX || event.deltaY) / this.width);
        }
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      this.drag = { x: event.offsetX, from: this.left, to: this.right, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerup", (event) => {
      const wasDragged = this.drag?.moved;
      this.drag = null;
      if (wasDragged) this.listEvents();
      else this.click(event.offsetX, event.offsetY);
    });
    canvas.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
    });
    canvas.addEventListener("dblclick", (event) => this.zoom(0.4, this.unitAt(event.offsetX)));
    canvas.addEventListener("keydown", (event) => this.press(event));
  }

  point(event) {
    if (this.drag && Math.abs(event.offsetX - this.drag.x) > 3) {
      this.drag.moved = true;
      const shift = ((this.drag.x - event.offsetX) / (this.width - LABELS)) * (this.drag.to - this.drag.from);
      this.show(this.drag.from + shift, this.drag.to + shift, false);
      return;
    }
    const hit = this.hitAt(event.offsetX, event.offsetY);
    this.canvas.classList.toggle("hit", Boolean(hit));
    this.tip.hidden = !hit;
    if (!hit) return;
    this.tip.replaceChildren(...tipOf(this.run, hit.target));
    const box = this.scroller.getBoundingClientRect();
    this.tip.style.left = `${Math.min(box.left + event.offsetX + 14, window.innerWidth - 330)}px`;
    this.tip.style.top = `${box.top + event.offsetY + 18}px`;
  }

  hitAt(x, y) {
    for (let place = this.hits.length - 1; place >= 0; place--) {
      const hit = this.hits[place];
      if (x >= hit.x - 1 && x <= hit.x + hit.width + 1 && y >= hit.y && y <= hit.y + hit.height) return hit;
    }
    return null;
  }

  click(x, y) {
    const hit = this.hitAt(x, y);
    if (hit) go({ select: hit.target });
    else if (x < LABELS && y > AXIS) {
      const task = this.run.tasks[Math.floor((y - AXIS + this.scroller.scrollTop) / LANE)];
      if (task) go({ select: `task-${task.id}` });
    } else go({ select: null });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = {
      ArrowLeft: () => this.pan(-0.2),
      ArrowRight: () => this.pan(0.2),
      "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      0: () => this.show(0, this.scale.units),
      ArrowUp: () => this.toLane(this.lane - 1),
      ArrowDown: () => this.toLane(this.lane + 1),
      n: () => this.step(1),
      p: () => this.step(-1),
      Enter: () => {
        if (this.at) go({ select: this.at });
      },
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }

  toLane(lane) {
    this.lane = Math.min(Math.max(lane, 0), this.run.tasks.length - 1);
    this.cursor = null;
    const top = this.lane * LANE;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + LANE + AXIS > this.scroller.scrollTop + this.height)
      this.scroller.scrollTop = top + LANE + AXIS - this.height;
    announce(
      `Lane of ${taskName(this.run, this.run.tasks[this.lane].id)}, ${count(laneOf(this.run, this.lane).bars.length, "tuple")}`,
    );
    this.paint();
  }

  /** Go to the next or the previous bar of the lane, and select it. */
  step(by) {
    const { bars } = laneOf(this.run, this.lane);
    if (!bars.length) return;
    const inSight = firstWhere(bars, (bar) => bar.from >= this.from);
    this.cursor = this.cursor === null || this.cursor === undefined ? inSight : this.cursor + by;
    this.cursor = Math.min(Math.max(this.cursor, 0), bars.length - 1);
    const bar = bars[this.cursor];
    if (bar.from < this.from || bar.from > this.to) {
      const middle = this.scale.place(bar.from),
        half = (this.right - this.left) / 2;
      this.show(middle - half, middle + half);
    }
    this.at = bar.copy === NOTHING ? `tree-${bar.tree}` : `tuple-${bar.copy}`;
    announce(describe(this.run, this.at));
    go({ select: this.at });
  }

  // -- the same as text

  listEvents() {
    const { run } = this,
      { at } = run.events;
    const first = firstWhere(run.byTime, (event) => at[event] >= this.from);
    let last = first;
    while (last < run.size && at[run.byTime[last]] <= this.to) last++;
    const total = last - first;
    const caption = `${count(total, "event")} from ${time(round(Math.max(0, this.from)))} to ${time(round(Math.min(this.to, this.whole)))}${total > MOST_ROWS ? `, the first ${MOST_ROWS} of them` : ""}`;
    this.rows.replaceChildren(
      eventTable(run, caption, run.byTime.subarray(first, Math.min(last, first + MOST_ROWS))),
    );
  }
}

function eventTable(run, caption, events) {
  return table(
    caption,
    ["time", "task", "event", "what"],
    Array.from(events, (event) => [
      time(run.events.at[event]),
      taskLink(run, run.events.task[event]),
      run.kinds[run.events.kind[event]],
      link(eventTarget(run, event), cut(eventWords(run, event), 160) || run.kinds[run.events.kind[event]]),
    ]),
    { class: "events" },
  );
}

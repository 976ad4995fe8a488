// Deaths: who died of what, who died with whom, and what was lost.

/** The deaths of a run: who died of what, and which tasks were started again because of it. */
function deathsOf(run) {
  if (run.deaths) return run.deaths;
  run.deaths = [];
  let last = null;
  run.events.kind.forEach((kind, event) => {
    const task = run.events.task[event];
    if (kind === run.KIND.died) {
      last = {
        event,
        task,
        at: run.events.at[event],
        because: run.texts[run.eventText.get(event)] ?? "",
        restarts: [],
      };
      run.deaths.push(last);
    } else if (kind === run.KIND.restart && last) {
      const death =
        [...run.deaths].reverse().find((each) => each.task === task && !each.restarts.length) ?? last;
      death.restarts.push(event);
    }
  });
  return run.deaths;
}

function deathOf(run, event) {
  return deathsOf(run).find((each) => each.event === event || each.restarts.includes(event));
}

function diedTogether(run, death) {
  if (!death) return null;
  const victims = [...new Set(death.restarts.map((each) => run.events.task[each]))].filter(
    (task) => task !== death.task,
  );
  const worker = run.tasks[run.taskOf.get(death.task)]?.worker;
  const lost = lostWith(run, death);
  return [
    make("h3", {}, "Who died with whom"),
    facts([
      ["died", [taskLink(run, death.task), " at ", timeLink(death.at)]],
      ["of", death.because || "no error, it was killed"],
      ["worker", worker === null || worker === undefined ? null : String(worker)],
      ["with it", victims.length ? listOf(victims, (task) => taskLink(run, task)) : "nobody"],
      ["back", death.restarts.length ? time(run.events.at[death.restarts[0]]) : "never"],
      [
        "lost with it",
        lost.length
          ? listOf(
              lost,
              (copy) => [tupleLink(run, copy), ` at ${taskName(run, run.copies.task[copy])}`],
              lostCount(run, death),
            )
          : lostCount(run, death)
            ? `${count(lostCount(run, death), "tuple")}, not in the sample`
            : "no tuple",
      ],
    ]),
  ];
}

/** How many tuples a death has lost. */
function lostCount(run, death) {
  return death.restarts.reduce((sum, event) => sum + (run.lost.get(event) ?? 0), 0);
}

/** The tuples that a death has lost: those that its tasks held when they were started again. */
function lostWith(run, death) {
  const when = new Map(death.restarts.map((each) => [run.events.task[each], run.events.at[each]]));
  const found = [];
  for (const [task, at] of when) {
    for (const copy of run.copiesAt[run.taskOf.get(task)] ?? []) {
      if (run.copies.state[copy] === LOST && run.copies.end[copy] === at) found.push(copy);
    }
  }
  return found;
}

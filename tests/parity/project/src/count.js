// Counts words: a bolt in JavaScript, without any library.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");

const counts = new Map();

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\nend\n`);
}

function handshake({ pidDir }) {
  fs.writeFileSync(path.join(pidDir, String(process.pid)), "");
  say({ pid: process.pid });
}

function count(id, word) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
  say({ command: "emit", anchors: [id], tuple: [word, counts.get(word)], need_task_ids: false });
  say({ command: "ack", id });
}

function take(message) {
  if ("pidDir" in message) handshake(message);
  else if (message.stream === "__heartbeat") say({ command: "sync" });
  else count(message.id, message.tuple[0]);
}

let lines = [];
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  if (line !== "end") {
    lines.push(line);
    return;
  }
  take(JSON.parse(lines.join("\n")));
  lines = [];
});

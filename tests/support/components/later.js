// A bolt that answers a tuple when the heartbeat behind it has been answered.
let rest = '', held = [], begun = false;
const say = (message) => process.stdout.write(JSON.stringify(message) + '\nend\n');

function take(message) {
  if (!begun) {
    begun = true;
    require('fs').writeFileSync(message.pidDir + '/' + process.pid, '');
    say({pid: process.pid});
  } else if (message.stream === '__heartbeat') {
    say({command: 'sync'});
    const due = held;
    held = [];
    setImmediate(() => due.forEach((tuple) => {
      say({command: 'emit', anchors: [tuple.id], tuple: tuple.tuple, need_task_ids: false});
      say({command: 'ack', id: tuple.id});
    }));
  } else if (!Array.isArray(message)) {
    held.push(message);
  }
}

process.stdin.on('data', (data) => {
  const parts = (rest + data).split('\nend\n');
  rest = parts.pop();
  parts.forEach((part) => take(JSON.parse(part)));
});
process.stdin.on('end', () => process.exit(0));

#!/usr/bin/env bash
# Splits sentences into words: a bolt in nothing but bash.
#
# Storm sends one JSON object a line, then a line "end". What this needs of it stands in places that a pattern can
# find, and a word stays as JSON has it, so that what is escaped stays escaped. For more, pipe the message through jq.
set -f # a word may be "*"

say() { printf '%s\nend\n' "$1"; }

hear() {
  local line
  message=
  while IFS= read -r line; do
    [[ $line == end ]] && return 0
    message+=$line
  done
  return 1 # Storm has closed the pipe
}

# The handshake: leave a file named by our pid in pidDir, and answer with the pid.
hear || exit 1
[[ $message =~ \"pidDir\":\"([^\"]*)\" ]]
: >"${BASH_REMATCH[1]//\\\//\/}/$$"
say "{\"pid\":$$}"

while hear; do
  if [[ $message == *'"stream":"__heartbeat"'* ]]; then
    say '{"command":"sync"}'
    continue
  fi
  [[ $message =~ \"id\":\"([^\"]*)\" ]] && id=${BASH_REMATCH[1]}
  if [[ $message != *'"tuple":["'* ]]; then
    say '{"command":"error","msg":"split.sh: the sentence is no string"}'
    say "{\"command\":\"fail\",\"id\":\"$id\"}"
    continue
  fi
  sentence=${message#*'"tuple":["'}
  sentence=${sentence%'"],"task":'*}
  for word in $sentence; do
    say "{\"command\":\"emit\",\"anchors\":[\"$id\"],\"tuple\":[\"$word\"],\"need_task_ids\":false}"
  done
  say "{\"command\":\"ack\",\"id\":\"$id\"}"
done

import { randomBytes } from "node:crypto";
import type { LinuxDriverArgs } from "./args.ts";
import { quote } from "./shell.ts";

/** Bytes of output that one look returns, where it is not told otherwise. */
export const DEFAULT_BYTES = 256 * 1024;

/**
 * What is sent for a command that has to do with detached tasks. All that is known of a task is in a folder of its own on
 * its host, private to its user: so it is found again whatever became of us.
 */
export function detachedCommand(
  command: string,
  { detach, detached_task: task }: LinuxDriverArgs,
  name: string | undefined,
): string {
  if (detach === true) return script(START, name ?? newTaskId(), command);
  if (task === undefined) return command;
  const { action, id = "", offset = 0, max_bytes: bytes = DEFAULT_BYTES } = task;
  switch (action) {
    case "list":
      return script(LIST);
    case "output":
      return script(OUTPUT, id, String(offset), String(bytes));
    case "kill":
      return script(KILL, id);
    case "remove":
      return script(REMOVE, id);
    case "delete":
      return script(`{ ${KILL}\n} >/dev/null\n${REMOVE}`, id);
  }
}

function newTaskId(): string {
  return `task_${randomBytes(12).toString("hex")}`;
}

/** For whatever shell the account has. */
function script(text: string, ...args: string[]): string {
  return ["/bin/sh", "-c", quote(`${TASKS}\n${text}`), "netpulse", ...args.map(quote)].join(" ");
}

/**
 * `state ID` sets `p` (process), `x` (exit status) and `s`. A process counts only when its arguments name the task: its
 * number may belong to another one by now. The last quarter of a second's look is for one that ended in between.
 */
const TASKS = `umask 077
t=$HOME/.netpulse/tasks
alive() { [ -n "$p" ] && { tr '\\0' ' ' <"/proc/$p/cmdline" || ps -p "$p" -o args=; } 2>/dev/null | grep -qF "/tasks/$1 "; }
read_file() { [ -r "$1" ] && head -n 1 "$1" | tr -dc 0-9; }
state() {
  p=$(read_file "$t/$1/pid"); s=lost
  alive "$1" && s=running
  x=$(read_file "$t/$1/status")
  [ -n "$x" ] && s=exited
}
size() { wc -c <"$t/$1/output" 2>/dev/null | tr -dc 0-9; }
known() { [ -d "$t/$1" ] || { echo "there is no such task" >&2; exit 3; }; }
show() {
  z=$(size "$1"); b=$(read_file "$t/$1/started")
  printf '{"id":"%s","state":"%s","exit_status":%s,"size":%s,"started":%s,"pid":%s' "$1" "$s" "\${x:-null}" "\${z:-0}" "\${b:-null}" "\${p:-null}"
}`;

/** The task is the leader of a group, by which it is killed with all it has started. */
const START = `case \${SHELL:-} in ''|*/nologin|*/false) SHELL=/bin/sh;; esac
export SHELL
mkdir -p "$t" && mkdir "$t/$1" || exit 1
printf %s "$2" >"$t/$1/command" && date +%s >"$t/$1/started" && : >"$t/$1/output" || exit 1
g=$(command -v setsid || command -v nohup) || { echo "this host has neither setsid nor nohup" >&2; exit 1; }
"$g" /bin/sh -c 'trap : TERM HUP INT
echo $$ >"$1/pid"
"$SHELL" -c "$2" </dev/null >"$1/output" 2>&1
echo $? >"$1/status.new" && mv "$1/status.new" "$1/status"' netpulse "$t/$1" "$2" </dev/null >/dev/null 2>&1 &
p=$!
echo $p >"$t/$1/pid"
s=running; x=
show "$1"; echo "}"`;

/** The newest first; no more than a thousand. */
const LIST = `ls -t "$t" 2>/dev/null | head -n 1000 | while read -r i; do
  case $i in task_*[!0-9a-z]*|[!t]*) continue;; esac
  state "$i"; show "$i"
  c=$(head -c 200 "$t/$i/command" | tr '\\n\\t' '  ' | tr -d '\\000-\\037' | sed 's/[\\\\"]/\\\\&/g')
  printf ',"command":"%s"}\\n' "$c"
done`;

/** The state is read first: what an ended task has printed is all there is. */
const OUTPUT = `known "$1"; state "$1"; z=$(size "$1"); z=\${z:-0}
n=$((z - $2)); [ $n -lt 0 ] && n=0; [ $n -gt $3 ] && n=$3
show "$1" >&2; printf ',"offset":%s,"next_offset":%s}\\n' "$2" "$(($2 + n))" >&2
[ $n -eq 0 ] || tail -c +$(($2 + 1)) "$t/$1/output" | head -c $n`;

/** A task that ignores the request to end is killed after three seconds. */
const KILL = `known "$1"; state "$1"
if [ $s = running ]; then
  kill -TERM -$p 2>/dev/null || kill -TERM $p
  for i in 1 2 3; do state "$1"; [ $s = running ] || break; sleep 1; done
  if [ $s = running ]; then
    kill -KILL -$p 2>/dev/null || kill -KILL $p
    echo 137 >"$t/$1/status"
  fi
  state "$1"
fi
show "$1"; echo "}"`;

const REMOVE = `known "$1"; state "$1"
[ $s != running ] || { echo "the task is still running; kill it first" >&2; exit 4; }
rm -rf "$t/$1"
rmdir "$t" "$HOME/.netpulse" 2>/dev/null
show "$1"; echo "}"`;

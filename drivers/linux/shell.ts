import { randomBytes } from "node:crypto";
import type { LinuxDriverArgs } from "./args.ts";

/** Words of ours in what a host prints and reads: made anew for each command, so that nobody can print them before. */
export interface Marks {
  /** sudo asks for a password with this. */
  prompt: string;
  /** sudo has let us pass. */
  begun: string;
  /** Ends the environment on standard input. */
  end: string;
}

export function newMarks(): Marks {
  const word = randomBytes(12).toString("hex");
  return {
    prompt: `[netpulse ${word} asks]`,
    begun: `[netpulse ${word} begins]`,
    end: `netpulse ${word} ends`,
  };
}

/** A command as it is sent, and what its standard input begins with. */
export interface Prepared {
  line: string;
  input: string;
  /** Nothing is written after `input`, so that the command finds its end. */
  inputEnds: boolean;
}

/** A word for a shell of the Bourne family. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * What a command has to be sent as. As it is where nothing else is asked for: the account's shell runs it then.
 * Otherwise `/bin/sh` makes what is asked for, and has the account's shell run it. Environment and script go over
 * standard input: arguments are seen by everybody on the host.
 */
export function prepare(command: string, args: LinuxDriverArgs, marks: Marks): Prepared {
  const { environment = {}, script_content: script = "", expect_map, sudo = false } = args;
  const hasEnvironment = Object.keys(environment).length > 0;
  const input = `${hasEnvironment ? preamble(environment, marks) : ""}${script}`;
  const open = sudo || expect_map !== undefined;
  if (!sudo && !hasEnvironment && args.working_directory === undefined) {
    return { line: command, input, inputEnds: !open };
  }
  const steps = [
    ...(sudo ? [`printf %s ${quote(marks.begun)} >&2`] : []),
    ...(hasEnvironment ? [readEnvironment(marks)] : []),
    ...(args.working_directory === undefined ? [] : [`cd -- "$2" || exit`]),
    sudo && args.get_pty !== true ? supervised(Buffer.byteLength(script)) : RUN,
  ];
  const sh = `/bin/sh -c ${quote(steps.join("; "))} netpulse ${quote(command)} ${quote(args.working_directory ?? "")} "\${SHELL:-/bin/sh}"`;
  return { line: `exec ${sudo ? `${sudoLine(args, marks)} ` : ""}${sh}`, input, inputEnds: !open };
}

/** What sudo remembers does not count: it would let a job in with what another on the same session has proven. */
function sudoLine({ sudo_user: user }: LinuxDriverArgs, { prompt }: Marks): string {
  return `sudo -k -S -p ${quote(prompt)}${user === undefined ? "" : ` -u ${quote(user)}`} --`;
}

/** By the shell of the account that logged in: the other user may have none. */
const RUN = `exec "$3" -c "$1"`;

/**
 * What runs as another user cannot be signalled by the one who logged in. It lives as long as standard input is open,
 * which ends with the channel however that ends.
 */
function supervised(scriptBytes: number): string {
  const run = `"$3" -c "$1"`;
  return [
    ...(scriptBytes > 0 ? [`s=$(head -c ${scriptBytes}; echo x)`] : []),
    "g=$(command -v setsid)",
    "exec 3<&0",
    scriptBytes > 0 ? `printf %s "\${s%x}" | $g ${run} 3<&- & c=$!` : `$g ${run} </dev/null 3<&- & c=$!`,
    `k=\${g:+-}$c`,
    `$g /bin/sh -c ${quote(WATCH)} netpulse "$k" <&3 >/dev/null 2>&1 & w=$!`,
    // Else the watcher holds our standard input, and nothing of what the command prints.
    "exec 3<&-",
    "wait $c",
    "s=$?",
    "kill -KILL $w",
    "exit $s",
  ].join("; ");
}

/** In a session of its own as well: sudo passes on, to all it has started, the signal that ends it. */
const WATCH = `while read -r l; do :; done; kill -TERM "$1"; sleep 1; kill -KILL "$1"`;

function preamble(environment: Record<string, string>, { end }: Marks): string {
  return `${environmentLines(environment).join("\n")}\n${end}\n`;
}

export function environmentLines(environment: Record<string, string>): string[] {
  return Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`);
}

function readEnvironment({ end }: Marks): string {
  const newline = `n=$(printf '\\nx'); n=\${n%x}`;
  return `${newline}; p=; while IFS= read -r l && [ "$l" != ${quote(end)} ]; do p="$p$l$n"; done; eval "$p"`;
}

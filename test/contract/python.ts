import { join } from "node:path";
import { startChild } from "../support/process.ts";

/** One thing the Python program does; all steps of a run share their names, as the blocks of a page do. */
export type Step =
  /** Runs a block. */
  | { code: string; name: string }
  /** Calls a function that an earlier block defined; a coroutine is run to its end. */
  | { call: string; args: unknown[]; named: Record<string, unknown> }
  /** From here on, keeps the calls of a function in its `calls`: a list of `[arguments, result]`. */
  | { record: string }
  /** Evaluates an expression, to see what a block left behind. */
  | { value: string };

export interface Outcome {
  printed: string;
  /** As JSON would have it: a tuple is a list, what JSON has no word for is its `repr`. */
  returned: unknown;
  /** `Type: message` of the exception that ended it, or `null`. */
  raised: string | null;
  /** Whether it was ended while it slept. */
  stopped: boolean;
}

export interface Sleep {
  /** Which sleep of the run it is, from 1. */
  round: number;
  seconds: number;
  /** What the step has printed so far. */
  printed: string;
}

/** What happens while the program would sleep; then it goes on, or its loop is ended. */
export type AtSleep = (sleep: Sleep) => Promise<"go on" | "stop"> | "go on" | "stop";

type Event = { event: "done"; outcomes: Outcome[] } | ({ event: "sleep" } & Omit<Sleep, "round">);

const HARNESS = join(import.meta.dir, "harness.py");
/** Debian's own, which has requests, aiohttp and paramiko; another one on PATH may not. */
export const PYTHON = "/usr/bin/python3";

export function call(name: string, args: unknown[], named: Record<string, unknown> = {}): Step {
  return { call: name, args, named };
}

/** Runs the steps in one Python program, which never really sleeps. Without `atSleep` no loop goes round. */
export async function runPython(steps: Step[], atSleep: AtSleep = () => "stop"): Promise<Outcome[]> {
  await using program = startChild([PYTHON, "-I", "-B", HARNESS], { env: {} });
  let heard = program.mark();
  program.write(`${JSON.stringify(steps)}\n`);
  for (let round = 1; ; round++) {
    const [, line = ""] = await program.waitFor(/^(\{"event":.*\})\n/m, { from: heard });
    const event = JSON.parse(line) as Event;
    if (event.event === "done") return event.outcomes;
    heard = program.mark();
    program.write(`${await atSleep({ ...event, round })}\n`);
  }
}

/** Runs the steps and returns the outcome of the last. Throws when an earlier one raised or was ended. */
export async function lastOf(steps: Step[], atSleep?: AtSleep): Promise<Outcome> {
  const outcomes = await runPython(steps, atSleep);
  const broken = outcomes.slice(0, -1).find(({ raised, stopped }) => raised !== null || stopped);
  if (broken !== undefined) throw new Error(`an earlier step failed: ${JSON.stringify(broken)}`);
  const last = outcomes.at(-1);
  if (last === undefined) throw new Error("nothing was run");
  return last;
}

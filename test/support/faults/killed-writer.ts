import { resolve } from "node:path";
import { performance } from "node:perf_hooks";
import type { Store } from "../../../src/storage/store.ts";
import { startChild } from "../process.ts";
import { tempDir } from "../tempdir.ts";
import { Judge } from "./judge.ts";
import { type Random, random } from "./random.ts";

const SCRIBE = resolve(import.meta.dir, "scribe-child.ts");

export interface KilledWriterParams {
  /** What the writer opens, in a process of its own. */
  url: string;
  /** The same store for the judge, while no writer lives. */
  open(): Promise<Store>;
  rounds: number;
  /** Any other number gives other rounds; the same gives much the same, for processes do not run alike. */
  seed: number;
}

export interface KilledWriterReport {
  problems: string[];
  rounds: number;
  /** Calls that were answered and calls that never were, in all rounds. */
  answered: number;
  unanswered: number;
  jobs: number;
}

/** Kills a process that writes, at random moments, again and again on one store; the judge looks after each. */
export async function killWriters(params: KilledWriterParams): Promise<KilledWriterReport> {
  using folder = tempDir("journals");
  const dice = random(params.seed);
  const judge = new Judge(dice);
  for (let round = 0; round < params.rounds; round++) {
    const journal = folder.file(`round-${round}.jsonl`);
    await killOne({ url: params.url, journal, node: "scribe" }, dice);
    const storage = await params.open();
    await judge.afterDeath(storage, journal);
    if (round === params.rounds - 1) await judge.atTheEnd(storage);
    await storage.close();
    if (judge.problems.length > 0) break;
  }
  const { answered, unanswered, traces, problems } = judge;
  return { problems, rounds: params.rounds, answered, unanswered, jobs: traces.jobs.size };
}

/** Lets one writer live for a random number of answers and a random moment more. */
async function killOne(what: { url: string; journal: string; node: string }, dice: Random): Promise<void> {
  const seed = String(dice.whole(0, 2 ** 31));
  const writer = startChild([process.execPath, SCRIBE, what.url, what.journal, seed, what.node]);
  try {
    await writer.waitFor(new RegExp(`\\.{${dice.whole(1, 400)}}`));
    spin(dice.share() * 2);
  } finally {
    writer.kill("SIGKILL");
    await writer.exited;
  }
}

/** Milliseconds, as exactly as a timer cannot: a commit takes less than one. */
function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

import type { StorageError } from "../../../src/core/errors.ts";
import type { Store } from "../../../src/storage/store.ts";
import { tempDir } from "../tempdir.ts";
import { openJournal } from "./journal.ts";
import { Judge } from "./judge.ts";
import { type Random, random } from "./random.ts";
import { Scribe } from "./scribe.ts";

export interface DisturbedWriterParams {
  /** The writer's own way to the store, through whatever disturbs it. */
  storage: Store;
  /** The judge's way, past it. The same one when absent. */
  judged?: Store;
  rounds: number;
  seed: number;
  /** Answers between two disturbances, at most. Default 300. */
  answersApart?: number;
  /** One disturbance, from its beginning to its end; the writer goes on all the while. */
  disturb(dice: Random, round: number): Promise<void>;
}

export interface DisturbedWriterReport {
  problems: string[];
  answered: number;
  /** Calls that failed and were made again. */
  failures: StorageError[];
  jobs: number;
}

/**
 * Lets a writer live through disturbances at random moments. A call that fails is made again under the same operation
 * id until it is answered, as the product does; the judge looks at the end.
 */
export async function disturbWriter(params: DisturbedWriterParams): Promise<DisturbedWriterReport> {
  using folder = tempDir("journals");
  const path = folder.file("journal.jsonl");
  const journal = openJournal(path);
  const dice = random(params.seed);
  const failures: StorageError[] = [];
  const told = new Told();
  const scribe = new Scribe({
    storage: params.storage,
    journal,
    random: random(params.seed + 1),
    node: "scribe",
    onTold: () => told.count(),
    again: async (error) => void failures.push(error),
  });
  const writing = scribe.run();
  const ended = writing.then(() => {
    throw new Error("the writer ended by itself");
  });
  for (let round = 0; round < params.rounds; round++) {
    await Promise.race([told.more(dice.whole(1, params.answersApart ?? 300)), ended]);
    await Promise.race([params.disturb(dice, round), ended]);
  }
  await Promise.race([told.more(1), ended]);
  scribe.stop();
  await writing;
  journal.close();
  const judge = new Judge(dice);
  const judged = params.judged ?? params.storage;
  await judge.afterwards(judged, path);
  await judge.atTheEnd(judged);
  return { problems: judge.problems, answered: judge.answered, failures, jobs: judge.traces.jobs.size };
}

/** Counts answers, and says when there are more. */
class Told {
  #answers = 0;
  #waiting: { at: number; resolve: () => void } | null = null;

  count(): void {
    this.#answers += 1;
    if (this.#waiting && this.#answers >= this.#waiting.at) this.#waiting.resolve();
  }

  more(answers: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { at: this.#answers + answers, resolve };
    return promise;
  }
}

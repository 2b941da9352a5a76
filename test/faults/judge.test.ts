import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/storage/store.ts";
import { reading } from "../storage/sqlite/backend.ts";
import { type Answers, type Call, type CallOf, type JobSpec, make } from "../support/faults/calls.ts";
import { type Journal, openJournal } from "../support/faults/journal.ts";
import { Judge } from "../support/faults/judge.ts";
import { random } from "../support/faults/random.ts";
import { openStore } from "../support/faults/store.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const ID = "job_000000000000000000000000a000";
const SPEC: JobSpec = {
  id: ID,
  queue: "FifoQ",
  retries: 0,
  batchId: null,
  lane: "alice",
  createdAt: 1,
  delayMs: 0,
};

const CLAIM: CallOf<"claim"> = {
  kind: "claim",
  op: "op-1",
  node: "n",
  incarnation: "i",
  requests: [{ worker: "w", queue: "FifoQ" }],
};

/** One caller's life, written down. */
class Caller {
  readonly #storage: Store;
  readonly #journal: Journal;
  readonly #path: string;
  #n = 0;

  constructor(storage: Store, journal: Journal, path: string) {
    this.#storage = storage;
    this.#journal = journal;
    this.#path = path;
  }

  /** Somebody changes the file behind everybody's back. */
  tamper(sql: string): void {
    reading(this.#path, (db) => db.run(sql));
  }

  async ask<K extends Call["kind"]>(call: CallOf<K>) {
    const n = this.#n++;
    this.#journal.asked(n, call);
    const answer = await make<K>(this.#storage, call);
    this.#journal.told(n, answer);
    return answer;
  }

  /** A call that is made, but whose caller never hears the answer. */
  async askInVain<K extends Call["kind"]>(call: CallOf<K>) {
    this.#journal.asked(this.#n++, call);
    await make<K>(this.#storage, call);
  }

  /** An answer that a store must never give. */
  pretend<K extends Call["kind"]>(call: CallOf<K>, answer: Answers[K]) {
    const n = this.#n++;
    this.#journal.asked(n, call);
    this.#journal.told(n, answer);
  }

  enqueue() {
    return this.ask<"enqueue">({ kind: "enqueue", jobs: [SPEC] });
  }

  async started() {
    await this.enqueue();
    const node = { name: "n", incarnation: "i" };
    await this.#storage.registerNode({
      node: { ...node, hostname: "m", pid: 1, capacity: 1, sites: [null] },
    });
    const worker = { name: "w", node: "n", incarnation: "i", kind: "fifo", queue: "FifoQ" } as const;
    await this.#storage.addWorker({ worker: { ...worker, hostname: "m", pid: 1, host: null, site: null } });
    const [claim] = await this.ask<"claim">(CLAIM);
    if (!claim) throw new Error("nothing to claim");
    return claim.token;
  }
}

/** What the judge says of a caller's life. */
async function judged(live: (caller: Caller) => Promise<unknown>): Promise<string> {
  using folder = tempDir("judge");
  const path = folder.file("netpulse.db");
  const journal = await lived(live, path, folder);
  const storage = await openStore(`sqlite:${path}`);
  const judge = new Judge(random(1));
  await judge.afterDeath(storage, journal);
  await judge.atTheEnd(storage);
  await storage.close();
  return judge.problems.join("\n");
}

async function lived(live: (caller: Caller) => Promise<unknown>, path: string, folder: TempDir) {
  const journal = folder.file("journal");
  const storage = await openStore(`sqlite:${path}`);
  const book = openJournal(journal);
  await live(new Caller(storage, book, path));
  book.close();
  await storage.close();
  return journal;
}

async function finished(caller: Caller) {
  const token = await caller.started();
  await caller.ask<"append">({ kind: "append", token, offset: 0, text: "one\n" });
  const settlement = { token, offset: 4, tail: "two\n", ending: "succeed" } as const;
  await caller.ask<"settle">({ kind: "settle", settlements: [settlement] });
}

describe("the judge of faults finds nothing wrong", () => {
  test.each([
    ["with a job that waits", (caller: Caller) => caller.enqueue()],
    ["with a run that its caller left", (caller: Caller) => caller.started()],
    ["with a job that ended", finished],
    ["with one that was cancelled", (caller: Caller) => cancelled(caller)],
  ])("%s", async (_what, live) => {
    expect(await judged(live)).toBe("");
  });
});

async function cancelled(caller: Caller) {
  await caller.enqueue();
  await caller.ask<"cancel">({ kind: "cancel", op: "op-c", id: ID, abort: false });
}

describe("the judge of faults finds", () => {
  test.each([
    [
      "an accepted job that is lost",
      (caller: Caller) => caller.enqueue(),
      "DELETE FROM jobs",
      "accepted and is lost",
    ],
    [
      "an end that is lost",
      finished,
      "UPDATE jobs SET status = 'queued', ready = 1, result = NULL",
      "was acknowledged as finished",
    ],
    [
      "a cancelling that is lost",
      cancelled,
      "UPDATE jobs SET status = 'queued', ready = 1",
      "acknowledged as cancelled",
    ],
    ["output that is lost", finished, "DELETE FROM logs WHERE offset > 0", "acknowledged output is lost"],
    [
      "output that nobody wrote",
      finished,
      "UPDATE logs SET bytes = CAST('xxxx' AS BLOB)",
      "its run never wrote",
    ],
    ["a run too many", finished, "UPDATE jobs SET attempts = 2", "run 2 times with 0 retries"],
    [
      "a run that nobody was given",
      (caller: Caller) => caller.started(),
      "UPDATE jobs SET nonce = 'x'",
      "two runs of one number",
    ],
  ])("%s", async (_what, live, sql, finding) => {
    const problems = await judged(async (caller) => {
      await live(caller);
      caller.tamper(sql);
    });
    expect(problems).toContain(finding);
  });

  test("a job that was started again after it had failed, with no retry allowed", async () => {
    const problems = await judged(async (caller) => {
      const token = await caller.started();
      const settlements = [{ token, offset: 0, tail: "", ending: "fail" as const }];
      await caller.ask<"settle">({ kind: "settle", settlements });
      caller.pretend<"claim">(CLAIM, [{ token: { ...token, run: 2 }, worker: "w", attempts: 2 }]);
    });
    expect(problems).toContain("was started again while or after run 1");
  });

  test("half a batch", async () => {
    const problems = await judged(async (caller) => {
      const jobs = [SPEC, { ...SPEC, id: ID.replace("a000", "b000") }];
      await caller.askInVain<"enqueue">({ kind: "enqueue", jobs });
      caller.tamper(`DELETE FROM jobs WHERE id = '${ID}'`);
    });
    expect(problems).toContain("1 of a batch of 2 are there");
  });
});

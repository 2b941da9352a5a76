import { Database } from "bun:sqlite";
import { systemClock } from "../../../src/core/clock.ts";
import { openSqlite } from "../../../src/storage/sqlite/index.ts";
import { succeeded } from "../../../src/storage/storage.ts";
import { Factory } from "../../support/factory.ts";

/** Another process on the same file, for tests: `bun child.ts ROLE PATH …`. */
const [role, path = "", ...rest] = process.argv.slice(2);

const ROLES: Record<string, () => Promise<void>> = {
  /** Holds the write lock for so many milliseconds, or until a line comes on standard input. */
  async lock() {
    const db = new Database(path);
    db.run("PRAGMA busy_timeout = 5000");
    db.run("BEGIN IMMEDIATE");
    console.log("locked");
    await (rest[0] === undefined ? nextLine() : Bun.sleep(Number(rest[0])));
    db.run("COMMIT");
    db.close();
    console.log("released");
  },

  /** Enqueues job after job and names each once it is accepted, until it is killed. */
  async write() {
    const storage = await openSqlite({ path, clock: systemClock });
    const make = new Factory(storage);
    for (;;) console.log((await make.queued()).id);
  },

  async migrate() {
    const storage = await openSqlite({ path, clock: systemClock });
    await nextLine();
    console.log(JSON.stringify(await storage.migrate()));
    await storage.close();
  },

  /** As the workers named, claims and ends jobs until there are none, and names each with its queue's started jobs. */
  async drain() {
    const storage = await openSqlite({ path, clock: systemClock, synchronous: "normal" });
    const make = new Factory(storage);
    const workers = (await storage.listWorkers({ filter: {}, limit: 1_000 })).workers;
    const mine = workers.filter(({ name }) => rest.includes(name));
    console.log("ready");
    await nextLine();
    await Promise.all(
      mine.map(async (worker) => {
        for (;;) {
          const claim = await make.claim(worker);
          if (!claim && (await storage.counts()).queued === 0) return;
          if (!claim) continue;
          const { jobs } = await storage.list({
            filter: { queue: worker.queue, status: "started" },
            order: "asc",
            limit: 10,
          });
          console.log(`claimed ${claim.token.id} ${jobs.length}`);
          await make.settle(claim.token, succeeded());
        }
      }),
    );
    await storage.close();
  },
};

async function nextLine(): Promise<void> {
  for await (const _ of console) return;
}

await ROLES[role ?? ""]?.();
process.exit(0);

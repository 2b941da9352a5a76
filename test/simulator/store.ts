import { Database } from "bun:sqlite";
import { copyFileSync, existsSync } from "node:fs";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { StorageError } from "../../src/core/errors.ts";
import { openSqlite } from "../../src/storage/sqlite/index.ts";
import type { Storage } from "../../src/storage/storage.ts";
import type { Store } from "../../src/storage/store.ts";
import { tempDir } from "../support/tempdir.ts";
import { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** Closing a file on a disk would take longer than all else that a simulation does. */
const MEMORY = "/dev/shm";
const UNTOUCHED: ReadonlySet<PropertyKey> = new Set(["info", "subscribe", "close", "examine"]);

/** How badly the way to the store behaves at this moment; shares of the calls and hints. */
export interface Weather {
  /** Refused before it takes effect. */
  refused: number;
  /** Done, but nobody hears of it. */
  unanswered: number;
  late: number;
  hintLost: number;
  hintLate: number;
  hintTwice: number;
}

export const FAIR: Weather = { refused: 0, unanswered: 0, late: 0, hintLost: 0, hintLate: 0, hintTwice: 0 };

/** Nobody gets through. */
export const OUTAGE: Weather = { ...FAIR, refused: 1, hintLost: 1 };

/** A store for one simulation. */
export interface Opened {
  store: Store;
  path: string;
  /** Resolves when all that was asked of it is done. */
  end(): Promise<void>;
}

/**
 * One store for all simulations, empty at the begin of each: opening and preparing one anew would cost a third of their
 * time. `prepare` changes the file before it is used; such a file has a store of its own.
 */
export async function storeFactory() {
  const dir = tempDir("simulator", 0o700, existsSync(MEMORY) ? MEMORY : undefined);
  const empty = dir.file("empty.db");
  const first = await openSqlite({ path: empty, clock: systemClock });
  await first.migrate();
  await first.close();
  let made = 0;

  async function fresh(prepare: (path: string) => void = () => {}) {
    const path = dir.file(`${++made}.db`);
    copyFileSync(empty, path);
    prepare(path);
    return new Reused(path, await openSqlite({ path, ...of, synchronous: "normal" }));
  }

  let timeline: Timeline | null = null;
  let clock: Clock = systemClock;
  const of = {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms: number, run: () => void) => clock.after(ms, run),
    },
    random: (bytes: Uint8Array<ArrayBuffer>) => timeline?.bytes(bytes),
  };
  let reused: Reused | null = null;
  return {
    async open(begun: Timeline, prepare?: (path: string) => void): Promise<Opened> {
      timeline = begun;
      clock = new SimProcess(begun, "store").clock;
      reused ??= await fresh();
      const used = prepare ? await fresh(prepare) : reused;
      used.empty(empty);
      return {
        store: used.store,
        path: used.path,
        end: () => (prepare ? used.store.close() : used.quiet()),
      };
    },
    async remove() {
      await reused?.store.close();
      dir.remove();
    },
  };
}

/** A store that is used again and again. */
class Reused {
  readonly path: string;
  /** Forgets its subscribers at the end of each use. */
  readonly store: Store;
  readonly #subscribed: (() => void)[] = [];

  constructor(path: string, store: Store) {
    this.path = path;
    this.store = {
      ...store,
      subscribe: (onHint) => {
        const end = store.subscribe(onHint);
        this.#subscribed.push(end);
        return end;
      },
    };
  }

  async quiet(): Promise<void> {
    for (const end of this.#subscribed.splice(0)) end();
    await this.store.ping();
  }

  /** As the file in which nothing was ever stored. */
  empty(like: string): void {
    const db = new Database(this.path, { readwrite: true, create: false });
    db.run("ATTACH ? AS fresh", [like]);
    db.transaction(() => {
      const tables = db
        .query<{ name: string }, []>("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
        .all()
        .map(({ name }) => name);
      // Triggers on one table may have written to one that was emptied before.
      for (const name of [...tables, ...tables]) db.run(`DELETE FROM main."${name}"`);
      for (const name of tables) db.run(`INSERT INTO main."${name}" SELECT * FROM fresh."${name}"`);
    })();
    db.close(true);
  }
}

/** The store as one process reaches it. */
export function reachable(params: {
  timeline: Timeline;
  process: SimProcess;
  store: Store;
  weather: () => Weather;
}): Store {
  const { timeline, process, store, weather } = params;
  const { random } = timeline;

  async function ask(name: string, call: () => Promise<unknown>): Promise<unknown> {
    const { refused, unanswered, late } = weather();
    const dice = random.share();
    if (random.chance(late)) await timeline.passed(random.whole(1, 1_500));
    if (dice < refused) {
      timeline.note(`${process.name} ${name} refused`);
      throw new StorageError("unavailable", "refused by the simulator");
    }
    const answer = await timeline.real(call);
    timeline.note(`${process.name} ${name}`);
    if (random.chance(late)) await timeline.passed(random.whole(1, 1_500));
    if (dice >= 1 - unanswered) throw new StorageError("unavailable", "the answer was lost by the simulator");
    return answer;
  }

  /** Its answer comes to the process like everything else: perhaps late, perhaps never. */
  const brought = (name: string, call: () => Promise<unknown>) =>
    new Promise((resolve, reject) => {
      ask(name, call).then(
        (answer) => process.deliver(() => resolve(answer)),
        (error) => process.deliver(() => reject(error)),
      );
    });

  const subscribe: Storage["subscribe"] = (onHint) =>
    store.subscribe((hint) => {
      const { hintLost, hintLate, hintTwice } = weather();
      if (!process.alive || random.chance(hintLost)) return;
      const times = random.chance(hintTwice) ? 2 : 1;
      for (let n = 0; n < times; n++) {
        const ms = random.chance(hintLate) ? random.whole(1, 2_000) : 0;
        timeline.after(ms, () => process.deliver(() => onHint(hint)));
      }
    });

  return new Proxy(store, {
    get(target, name, receiver) {
      if (name === "subscribe") return subscribe;
      const method = Reflect.get(target, name, receiver);
      if (UNTOUCHED.has(name) || typeof method !== "function") return method;
      return (...args: unknown[]) => brought(String(name), () => method(...args));
    },
  });
}

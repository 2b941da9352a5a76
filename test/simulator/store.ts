import { copyFileSync, existsSync } from "node:fs";
import { systemClock } from "../../src/core/clock.ts";
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

/** A folder with an empty store, from which each simulation takes a copy: migrating anew would cost half its time. */
export async function storeFactory() {
  const dir = tempDir("simulator", 0o700, existsSync(MEMORY) ? MEMORY : undefined);
  const empty = dir.file("empty.db");
  const first = await openSqlite({ path: empty, clock: systemClock });
  await first.migrate();
  await first.close();
  let made = 0;
  return {
    async open(timeline: Timeline): Promise<{ store: Store; path: string }> {
      const path = dir.file(`${++made}.db`);
      copyFileSync(empty, path);
      const { clock } = new SimProcess(timeline, "store");
      const store = await openSqlite({ path, clock, synchronous: "normal", random: timeline.bytes });
      return { store, path };
    },
    remove: () => dir.remove(),
  };
}

/** The store as one process reaches it. */
export function reachable(params: {
  timeline: Timeline;
  process: SimProcess;
  store: Storage;
  weather: () => Weather;
}): Storage {
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

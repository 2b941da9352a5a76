import { Database } from "bun:sqlite";
import type { RunToken } from "../../src/core/job.ts";
import { HELD, type Storage } from "../../src/storage/storage.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Sabotage } from "./simulation.ts";

/** A pinned queue yields a job though one of it has started. */
export const WITHOUT_HOLD: Sabotage = {
  file(path) {
    const db = new Database(path, { readwrite: true, create: false });
    db.run(`CREATE TRIGGER without_hold AFTER INSERT ON jobs
            BEGIN UPDATE jobs SET exclusive = 0 WHERE seq = NEW.seq; END`);
    db.close(true);
  },
};

/** Hosts believe that they may write for ever. */
export const WITHOUT_DEADLINE: Sabotage = {
  message: (message) =>
    message.type === "run" || message.type === "lease"
      ? { ...message, mayWriteUntil: Number.MAX_SAFE_INTEGER }
      : message,
};

/** Whoever once had a run writes for the one that has it now. */
export const WITHOUT_FENCE: Sabotage = {
  store(storage) {
    const newest = new Map<string, RunToken>();
    const forged = (token: RunToken) => newest.get(token.id) ?? token;
    const careless: Pick<Storage, "claim" | "settle" | "appendOutput"> = {
      async claim(params) {
        const claims = await storage.claim(params);
        for (const { token } of claims) newest.set(token.id, token);
        return claims;
      },
      settle: ({ settlements }) =>
        storage.settle({ settlements: settlements.map((each) => ({ ...each, token: forged(each.token) })) }),
      appendOutput: (params) => storage.appendOutput({ ...params, token: forged(params.token) }),
    };
    return instead(storage, careless);
  },
};

/** Nobody is held back: the rest of a batch starts with its canary. */
export const WITHOUT_HELD: Sabotage = {
  store: (storage) =>
    instead(storage, {
      enqueue: ({ jobs, ...params }) => {
        const runAt = (at: number | null) => (at === HELD ? null : at);
        return storage.enqueue({ ...params, jobs: jobs.map((job) => ({ ...job, runAt: runAt(job.runAt) })) });
      },
    }),
};

/** What was held stays so. */
export const WITHOUT_RELEASE: Sabotage = {
  store: (storage) => instead(storage, { releaseHeld: async () => ({ released: 0 }) }),
};

/** A batch that is stopped goes on. */
export const WITHOUT_STOP: Sabotage = {
  store: (storage) =>
    instead(storage, {
      cancelQueued: async (params) =>
        params.filter.batchId === undefined ? await storage.cancelQueued(params) : { ids: [] },
    }),
};

/** No failure of a batch is ever counted. */
export const WITHOUT_COUNT: Sabotage = {
  store: (storage) =>
    instead(storage, {
      batchCounts: async (params) => ({ ...(await storage.batchCounts(params)), failed: 0 }),
    }),
};

function instead(store: Store, methods: Partial<Storage>): Store {
  return new Proxy(store, {
    get: (target, name) =>
      name in methods ? methods[name as keyof typeof methods] : Reflect.get(target, name),
  });
}

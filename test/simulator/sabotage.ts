import { Database } from "bun:sqlite";
import type { RunToken } from "../../src/core/job.ts";
import type { Storage } from "../../src/storage/storage.ts";
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
    const forged = async (token: RunToken): Promise<RunToken> => {
      const leases = await storage.leases();
      return leases.find((lease) => lease.token.id === token.id)?.token ?? token;
    };
    const careless: Pick<Storage, "settle" | "appendOutput"> = {
      async settle({ settlements }) {
        const all = settlements.map(async (each) => ({ ...each, token: await forged(each.token) }));
        return storage.settle({ settlements: await Promise.all(all) });
      },
      appendOutput: async (params) => storage.appendOutput({ ...params, token: await forged(params.token) }),
    };
    return new Proxy(storage, {
      get: (target, name) =>
        name in careless ? careless[name as keyof typeof careless] : Reflect.get(target, name),
    });
  },
};

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
    return new Proxy(storage, {
      get: (target, name) =>
        name in careless ? careless[name as keyof typeof careless] : Reflect.get(target, name),
    });
  },
};

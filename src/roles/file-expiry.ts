import type { Config } from "../config/schema.ts";
import { Repeat } from "../engine/repeat.ts";
import { removeExpired } from "../files/expiry.ts";
import { ID_FILE } from "../files/folder.ts";
import type { Base } from "./base.ts";

/** How often files that have expired are looked for. */
const ROUND_MS = 600_000;

/** Removes files from the storage folder when their time is over. Does nothing where they are kept for ever. */
export function fileExpiry({
  config,
  clock,
  log,
}: Pick<Base, "clock" | "log"> & { config: Pick<Config, "storageFiles"> }) {
  const { dir, ttl } = config.storageFiles;
  const repeat = new Repeat({
    clock,
    everyMs: ROUND_MS,
    round: () => removeExpired(dir, { now: clock.now(), ttlMs: ttl * 1000, keep: ID_FILE }),
    onError: (error) => log.error("files that have expired were not removed", { error }),
  });
  return {
    start: async () => {
      if (ttl > 0) await repeat.start();
    },
    stop: () => repeat.stop(),
  };
}

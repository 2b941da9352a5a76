import { randomBytes } from "node:crypto";
import { EXIT_FAILURE, type Io } from "../cli/cli.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { rotateKey } from "../engine/rotate-key.ts";
import { sealer } from "../engine/seal.ts";
import { readKeyFile, writeKeyFile } from "../engine/secret-key.ts";
import type { Store } from "../storage/store.ts";
import { noteLocally } from "./local-audit.ts";
import { type StoreKeys, storeKeys } from "./sealing.ts";

interface Change {
  from: string;
  to: string;
  /** What is to be done when nothing is sealed with the first any more; says what is left to do. */
  finish(): string;
}

/** `netpulse secrets rotate-key`. */
export async function rotate(store: Store, config: Config, io: Io): Promise<number> {
  const keys = await storeKeys(config, store);
  const { previous } = await store.sealingKeys();
  const change =
    keys.file === null ? configuredChange(keys, previous) : fileChange(keys, keys.file, previous);
  if (change === null) {
    io.err(`netpulse: ${HOW_CONFIGURED}\n`);
    return EXIT_FAILURE;
  }
  const { from, to } = change;
  io.out(`sealing with key ${to} instead of ${from}; this takes 10 seconds and more\n`);
  const rotation = await rotateKey({ storage: store, ring: keys.ring, clock: systemClock }, { from, to });
  if (rotation === null) {
    io.err("netpulse: another change of keys is under way; wait for its end, or go on with it\n");
    return EXIT_FAILURE;
  }
  const { jobs, webhooks, tasks, secrets } = rotation.resealed;
  await noteLocally(store, "rotate_key", { detail: `${from} to ${to}` });
  io.out(
    `sealed anew: ${jobs} jobs, ${webhooks} webhooks, ${tasks} detached tasks, ${secrets} secrets\n${change.finish()}\n`,
  );
  if (rotation.foreign > 0)
    io.err(`netpulse: ${rotation.foreign} are sealed with a key that is neither; nobody can open them\n`);
  return 0;
}

const HOW_CONFIGURED =
  "give all who use this store NETPULSE_SECRET_KEY with the new key and NETPULSE_PREVIOUS_SECRET_KEY with the present one, restart them, then run this with both as well";

/** Both keys are configured, everywhere; which of them is the first says where to go. */
function configuredChange({ keys, ring }: StoreKeys, previous: string | null): Change | null {
  const [to, from] = keys.map((key) => sealer(key).keyId);
  if (to === undefined || from === undefined || to === from) return null;
  if (ring.keyId === to && previous === null) return null;
  return {
    from,
    to,
    finish: () =>
      "NETPULSE_PREVIOUS_SECRET_KEY may be taken out with the next restart, an hour from now or later",
  };
}

/**
 * The new key is written down beside the old one before anything is sealed with it; processes that run find it there.
 * One that was broken off is gone on with: the last in the file is the one to come.
 */
function fileChange({ keys, ring }: StoreKeys, file: string, previous: string | null): Change {
  const idOf = (key: Uint8Array) => sealer(key).keyId;
  const present = keys.find((key) => idOf(key) === ring.keyId) ?? readKeyFile(file)[0];
  if (present === undefined) throw new Error("a key that is in use is in no file");
  const last = keys.at(-1) ?? present;
  const begun = previous !== null || idOf(last) !== ring.keyId;
  const next = begun ? last : randomBytes(32);
  const from = previous ?? idOf(present);
  if (!begun) writeKeyFile(file, [present, next]);
  return {
    from,
    to: idOf(next),
    finish() {
      writeKeyFile(file, [next]);
      return `${file} holds the new key alone: back it up`;
    },
  };
}

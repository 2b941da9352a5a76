import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { StartupError } from "../core/errors.ts";
import { type Sealer, sealer } from "../engine/seal.ts";
import { loadSecretKey } from "../engine/secret-key.ts";
import type { Store } from "../storage/store.ts";

type Keys = Pick<Config, "secretKey" | "dataDir">;
type Sealed = Pick<Store, "info" | "checkSealingKey">;

/**
 * The sealer of a store. A file in a data folder is a key for one machine only, so where several use the store the
 * key must be configured. Throws `StartupError` when it is missing, or not the one the store was first used with.
 */
export async function sealerOf(config: Keys, storage: Sealed): Promise<Sealer> {
  if (storage.info.multiHost && config.secretKey === null) {
    throw new StartupError(
      "NETPULSE_SECRET_KEY is missing: all who use one store on Redis need the same; make one with: openssl rand -hex 32",
    );
  }
  const own = sealer(loadSecretKey({ configured: config.secretKey, dataDir: config.dataDir }));
  if ((await storage.checkSealingKey({ keyId: own.keyId })) === "changed")
    throw new StartupError(mismatch(config));
  return own;
}

function mismatch({ secretKey, dataDir }: Keys): string {
  const ours = secretKey === null ? join(dataDir, "secret.key") : "NETPULSE_SECRET_KEY";
  return `${ours} is not the key that this store is sealed with: its waiting jobs could not be run. Give the first key back; if it is lost, name an empty store in storage.url`;
}

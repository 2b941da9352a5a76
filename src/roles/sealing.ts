import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { StartupError } from "../core/errors.ts";
import { type KeyRing, keyRing } from "../engine/key-ring.ts";
import { loadSecretKeys, readKeyFile, type SecretKeys } from "../engine/secret-key.ts";
import { secretBinding } from "../storage/secrets.ts";
import type { Store } from "../storage/store.ts";

type Keys = Pick<Config, "secretKey" | "previousSecretKey" | "dataDir">;
type Sealed = Pick<Store, "info" | "checkSealingKey" | "sealingKeys" | "getSecret" | "putSecret">;

/** A store's keys, and where they are. */
export interface StoreKeys extends SecretKeys {
  ring: KeyRing;
}

/** What fingerprints are made with: of no name that `netpulse secrets` takes. */
export const PRINT_KEY = "$fingerprint-key";

/** The sealer of a store; see `storeKeys`. */
export async function sealerOf(config: Keys, storage: Sealed): Promise<KeyRing> {
  return (await storeKeys(config, storage)).ring;
}

/**
 * The keys of a store. A file in a data folder is a key for one machine only, so where several use the store the
 * key must be configured. Throws `StartupError` when it is missing, or not the one the store is sealed with.
 */
export async function storeKeys(config: Keys, storage: Sealed): Promise<StoreKeys> {
  const { secretKey, previousSecretKey, dataDir } = config;
  if (storage.info.multiHost && secretKey === null) {
    throw new StartupError(
      "NETPULSE_SECRET_KEY is missing: all who use one store on Redis need the same; make one with: openssl rand -hex 32",
    );
  }
  const found = loadSecretKeys({ configured: secretKey, previous: previousSecretKey, dataDir });
  const { file } = found;
  const ring = keyRing({ keys: found.keys, ...(file !== null && { reread: () => readKeyFile(file) }) });
  if ((await storage.checkSealingKey({ keyId: ring.keyId })) === "changed")
    await useStored(ring, storage, config);
  ring.printWith(await printKey(ring, storage));
  return { ...found, ring };
}

/** Which of the keys seals is the store's to say; one that is not here leaves waiting jobs that nobody could run. */
async function useStored(ring: KeyRing, storage: Sealed, config: Keys): Promise<void> {
  const { current, previous } = await storage.sealingKeys();
  if (current === null || !ring.use(current)) throw new StartupError(mismatch(config));
  if (previous !== null && !ring.has(previous)) throw new StartupError(mismatch(config));
}

/** Made once for each store. Sealed like everything else, so that it goes along when the key is changed. */
async function printKey(ring: KeyRing, storage: Sealed): Promise<Uint8Array> {
  const binding = secretBinding(PRINT_KEY);
  const known = await storage.getSecret({ name: PRINT_KEY });
  if (known !== null) return ring.open(binding, known.sealed);
  const made = {
    name: PRINT_KEY,
    sealed: ring.seal(binding, randomBytes(32)),
    fields: [],
    devices: null,
    changedAt: 0,
  };
  await storage.putSecret({ secret: made, ifAbsent: true });
  const stored = await storage.getSecret({ name: PRINT_KEY });
  if (stored === null) throw new StartupError("the store does not keep what it was given");
  return ring.open(binding, stored.sealed);
}

function mismatch({ secretKey, dataDir }: Keys): string {
  const ours = secretKey === null ? join(dataDir, "secret.key") : "NETPULSE_SECRET_KEY";
  return `${ours} is not the key that this store is sealed with: its waiting jobs could not be run. Give the first key back (after a change of keys, as NETPULSE_PREVIOUS_SECRET_KEY); if it is lost, name an empty store in storage.url`;
}

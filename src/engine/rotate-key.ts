import type { Clock } from "../core/clock.ts";
import {
  SEALED_KINDS,
  type SealedItem,
  type SealedKind,
  type SealingKeyStore,
} from "../storage/sealing-key.ts";
import { secretBinding } from "../storage/secrets.ts";
import type { KeyRing } from "./key-ring.ts";
import { KEY_LOOK_MS } from "./key-watch.ts";
import { keyIdOf } from "./seal.ts";
import { boundTo } from "./webhooks.ts";

/** Sealed things in one step. */
const PAGE = 200;
/** Whoever seals has looked meanwhile, and stored what it sealed before. */
const SETTLE_MS = 5 * KEY_LOOK_MS;
/** What did not open in so many rounds never will. */
const MAX_ROUNDS = 100;

export interface RotationDeps {
  storage: Pick<
    SealingKeyStore,
    "listSealed" | "reseal" | "changeSealingKey" | "sealingKeys" | "endKeyChange"
  >;
  /** Has both keys. */
  ring: KeyRing;
  clock: Clock;
}

export interface Rotation {
  resealed: Record<SealedKind, number>;
  /** Sealed with a key that is neither: nobody could open them before either. */
  foreign: number;
}

/**
 * Goes over from one key to another while jobs are accepted and run. From the first step on new things are sealed with
 * the new key; what there is, is sealed anew until none is left that was not, after everybody had time to notice. May be
 * broken off anywhere and begun again. Answers null when the store's key is neither of the two.
 */
export async function rotateKey(
  { storage, ring, clock }: RotationDeps,
  { from, to }: { from: string; to: string },
): Promise<Rotation | null> {
  if ((await storage.changeSealingKey({ from, to })) === "other") return null;
  ring.use(to);
  const resealed: Rotation["resealed"] = { jobs: 0, webhooks: 0, tasks: 0, secrets: 0 };
  let quiet = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let [found, foreign] = [0, 0];
    for (const kind of SEALED_KINDS) {
      const seen = await resealAll(storage, ring, kind, { from, to });
      resealed[kind] += seen.count;
      found += seen.found;
      foreign += seen.foreign;
    }
    if (found === 0 && quiet) {
      await storage.endKeyChange({ current: to });
      return { resealed, foreign };
    }
    quiet = found === 0;
    if (quiet) await new Promise<void>((resume) => clock.after(SETTLE_MS, resume));
  }
  throw new Error(
    "some of what is sealed does not open; see netpulse doctor. Nothing was lost; both keys are still needed",
  );
}

async function resealAll(
  storage: RotationDeps["storage"],
  ring: KeyRing,
  kind: SealedKind,
  { from, to }: { from: string; to: string },
): Promise<{ found: number; count: number; foreign: number }> {
  const seen = { found: 0, count: 0, foreign: 0 };
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<SealingKeyStore["listSealed"]>> = await storage.listSealed({
      kind,
      limit: PAGE,
      ...(after !== null && { after }),
    });
    const old = page.items.filter(({ sealed }) => keyIdOf(sealed) === from);
    seen.foreign += page.items.filter(({ sealed }) => ![from, to].includes(keyIdOf(sealed) ?? "")).length;
    seen.found += old.length;
    if (old.length > 0) {
      const items = old.map((item) => ({ ...item, resealed: resealedOf(ring, kind, item) }));
      seen.count += (await storage.reseal({ kind, items })).count;
    }
    after = page.next;
  } while (after !== null);
  return seen;
}

/** What each is sealed for. */
const BINDINGS: Record<SealedKind, (id: string) => string> = {
  jobs: (id) => id,
  webhooks: boundTo,
  tasks: (id) => id,
  secrets: secretBinding,
};

function resealedOf(ring: KeyRing, kind: SealedKind, { id, sealed }: SealedItem): Uint8Array {
  const binding = BINDINGS[kind](id);
  return ring.seal(binding, ring.open(binding, sealed));
}

/** What holds something sealed. */
export const SEALED_KINDS = ["jobs", "webhooks", "tasks", "secrets"] as const;
export type SealedKind = (typeof SEALED_KINDS)[number];

/** Something sealed, and what it is known by. */
export interface SealedItem {
  id: string;
  sealed: Uint8Array;
}

/** The store's key by its id (see `Sealer.keyId`), and the one before while something may be sealed with that still. */
export interface SealingKeys {
  current: string | null;
  previous: string | null;
}

/** Which key the operations in the store are sealed with. One store, one key: another could open none of them. */
export interface SealingKeyStore {
  /**
   * Records the key's id when there is none yet, and compares it ever after, in one atom. Called by every role that
   * seals or opens, before it begins.
   */
  checkSealingKey(params: { keyId: string }): Promise<"recorded" | "same" | "changed">;
  /** Ids of the keys in use; both null before the first. */
  sealingKeys(): Promise<SealingKeys>;
  /**
   * From now on `to` is the current key and `from` the one before; from then on everybody seals with `to`. `other`: the
   * current key is neither, or another change is not over; nothing was changed.
   */
  changeSealingKey(params: { from: string; to: string }): Promise<"changed" | "other">;
  /** The change to `current` is over: there is no key before it any more. */
  endKeyChange(params: { current: string }): Promise<void>;
  /** Some of what is sealed, `limit` or so, in no order; webhooks by their jobs. Goes on after `next` of the page before; null when there is no more. */
  listSealed(params: { kind: SealedKind; limit: number; after?: string }): Promise<{
    items: SealedItem[];
    next: string | null;
  }>;
  /** Replaces what is still sealed as it was read, each in one atom; says how many. The lengths are the same. */
  reseal(params: { kind: SealedKind; items: readonly (SealedItem & { resealed: Uint8Array })[] }): Promise<{
    count: number;
  }>;
}

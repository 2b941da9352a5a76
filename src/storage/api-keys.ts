import type { Access } from "../core/access.ts";

/** A key as it is kept: what it may do, and how to tell it; not the key itself. */
export interface StoredKey extends Access {
  /** Says whose the key is: lanes, idempotency keys and the audit log go by it. */
  name: string;
  /** The part of the key that it is looked up by. No secret. */
  id: string;
  /** SHA-256 of the whole key, hexadecimal. Keys are random, so nothing slower is needed. */
  hash: string;
  /** Wall-clock ms. */
  createdAt: number;
  /** From this moment on, wall-clock ms, it opens nothing; null: it has no end. */
  expiresAt: number | null;
  /** Requests a minute; null: as many as the configuration says. */
  perMinute: number | null;
}

/** The API's keys, shared by all APIs. */
export interface ApiKeyStore {
  /** `taken`: there is one of that name or id; nothing was stored. */
  addKey(params: { key: StoredKey }): Promise<"added" | "taken">;
  /** By its id, in one look-up. Called for requests whose key is not remembered. */
  findKey(params: { id: string }): Promise<StoredKey | null>;
  /** `unknown`: there was none. Its name may be given again. */
  revokeKey(params: { name: string }): Promise<"revoked" | "unknown">;
  /** A page of keys by name. Goes on after `next` of the page before; null when there are no more. */
  listKeys(params: { limit: number; after?: string }): Promise<{ keys: StoredKey[]; next: string | null }>;
}

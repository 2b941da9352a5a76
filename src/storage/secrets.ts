/** A named credential as it is kept. */
export interface StoredSecret {
  name: string;
  /** Bound to `secretBinding(name)`. */
  sealed: Uint8Array;
  /** Names of its fields; no secret. */
  fields: readonly string[];
  /** The only devices that it goes to, as in `DeviceRules`; null: any. */
  devices: readonly string[] | null;
  /** Milliseconds since the epoch. */
  changedAt: number;
}

/** Named credentials, sealed, shared by all nodes. */
export interface SecretStore {
  /** Takes the place of one of that name, unless `ifAbsent`: then `taken`, and nothing was stored. */
  putSecret(params: { secret: StoredSecret; ifAbsent?: boolean }): Promise<"added" | "replaced" | "taken">;
  /** null: there is none of that name. */
  getSecret(params: { name: string }): Promise<StoredSecret | null>;
  /** A page by name. Goes on after `next` of the page before; null when there are no more. */
  listSecrets(params: { limit: number; after?: string }): Promise<{
    secrets: StoredSecret[];
    next: string | null;
  }>;
  /** `unknown`: there was none. */
  forgetSecret(params: { name: string }): Promise<"forgotten" | "unknown">;
}

/** What a secret is sealed for, so that it does not open under another name. */
export function secretBinding(name: string): string {
  return `secret:${name}`;
}

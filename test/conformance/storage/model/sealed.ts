import type { SealingKeys } from "../../../../src/storage/sealing-key.ts";
import type { StoredSecret } from "../../../../src/storage/secrets.ts";
import { bytes, text } from "../../../support/factory.ts";

/** Something sealed, as text: it is ASCII here. */
export interface Sealed {
  id: string;
  sealed: string;
}

/** The key of a store, and the one before while a change goes on. */
export class Keys {
  #keys: SealingKeys;

  constructor(current: string) {
    this.#keys = { current, previous: null };
  }

  get shown(): SealingKeys {
    return this.#keys;
  }

  check(keyId: string): "same" | "changed" {
    return this.#keys.current === keyId ? "same" : "changed";
  }

  change(from: string, to: string): "changed" | "other" {
    const { current, previous } = this.#keys;
    if (current === to && previous === from) return "changed";
    if (current !== from || previous !== null) return "other";
    this.#keys = { current: to, previous: from };
    return "changed";
  }

  end(current: string): void {
    if (this.#keys.current === current) this.#keys = { current, previous: null };
  }
}

/** The named credentials of a store. */
export class Secrets {
  readonly #all = new Map<string, StoredSecret>();

  get(name: string): StoredSecret | null {
    return this.#all.get(name) ?? null;
  }

  /** By name. */
  list(): StoredSecret[] {
    return [...this.#all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  sealed(): Sealed[] {
    return this.list().map(({ name, sealed }) => ({ id: name, sealed: text(sealed) }));
  }

  put(secret: StoredSecret, ifAbsent: boolean): "added" | "replaced" | "taken" {
    const known = this.#all.has(secret.name);
    if (known && ifAbsent) return "taken";
    this.#all.set(secret.name, secret);
    return known ? "replaced" : "added";
  }

  reseal(name: string, from: string, to: string): boolean {
    const known = this.#all.get(name);
    if (!known || text(known.sealed) !== from) return false;
    this.#all.set(name, { ...known, sealed: bytes(to) });
    return true;
  }

  forget(name: string): "forgotten" | "unknown" {
    return this.#all.delete(name) ? "forgotten" : "unknown";
  }
}

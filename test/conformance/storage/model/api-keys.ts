import type { StoredKey } from "../../../../src/storage/api-keys.ts";

/** The API's keys of a store and every change that the contract allows. */
export class ApiKeys {
  readonly #all: StoredKey[] = [];

  add(key: StoredKey): "added" | "taken" {
    if (this.#all.some(({ id, name }) => id === key.id || name === key.name)) return "taken";
    this.#all.push(key);
    return "added";
  }

  find(id: string): StoredKey | null {
    return this.#all.find((key) => key.id === id) ?? null;
  }

  revoke(name: string): "revoked" | "unknown" {
    const at = this.#all.findIndex((key) => key.name === name);
    if (at === -1) return "unknown";
    this.#all.splice(at, 1);
    return "revoked";
  }

  /** By name. */
  list(): StoredKey[] {
    return this.#all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

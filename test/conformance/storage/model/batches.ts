import type { Batch, BatchPhase, BatchState } from "../../../../src/storage/batches.ts";

/** The batches of a store and every change that the contract allows. */
export class Batches {
  readonly #all = new Map<string, Batch>();

  get(id: string): Batch | null {
    return this.#all.get(id) ?? null;
  }

  /** By id. */
  list(watched: boolean): Batch[] {
    return [...this.#all.values()]
      .filter((batch) => batch.watched || !watched)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  add(batch: Batch): { batch: Batch; added: boolean } {
    const known = this.#all.get(batch.id);
    if (known) return { batch: known, added: false };
    this.#all.set(batch.id, batch);
    return { batch, added: true };
  }

  change(id: string, from: readonly BatchPhase[], change: Partial<BatchState>): Batch | null {
    const known = this.#all.get(id);
    if (!known || !from.includes(known.phase)) return null;
    const changed = { ...known, ...change };
    this.#all.set(id, changed);
    return changed;
  }

  forget(id: string): void {
    this.#all.delete(id);
  }
}

import type { AuditEntry, AuditFilter, StoredAuditEntry } from "../../../../src/storage/audit.ts";

/** The audit log of a store. */
export class Audit {
  #entries: StoredAuditEntry[] = [];

  append(entries: AuditEntry[], at: number): void {
    this.#entries.push(...entries.map((entry) => ({ ...entry, at })));
  }

  /** The newest first. */
  list({ since, until, ...same }: AuditFilter): StoredAuditEntry[] {
    const wanted = Object.entries(same);
    return this.#entries
      .filter(({ at }) => (since === undefined || at >= since) && (until === undefined || at < until))
      .filter((entry) => wanted.every(([name, value]) => entry[name as keyof AuditEntry] === value))
      .toReversed();
  }

  prune(before: number, max: number): number {
    const due = this.#entries.filter(({ at }) => at < before).slice(0, max);
    this.#entries = this.#entries.filter((entry) => !due.includes(entry));
    return due.length;
  }
}

import { FULL_ACCESS } from "../../src/core/access.ts";
import { newApiKey } from "../../src/core/api-key.ts";
import type { ApiKeyStore, StoredKey } from "../../src/storage/api-keys.ts";
import { type AuditStore, fitsAudit, type StoredAuditEntry } from "../../src/storage/audit.ts";
import { NOON } from "./memory-engine.ts";

/** Keys in memory. */
export class MemoryKeys implements Pick<ApiKeyStore, "findKey"> {
  readonly stored: StoredKey[] = [];
  /** Ids that were looked up. */
  readonly asked: string[] = [];
  /** Thrown by look-ups while it is set. */
  fault: unknown = null;

  /** Stores a key with all rights but what is given, and returns it as its owner has it. */
  add(given: Partial<StoredKey> = {}): string {
    const { key, id, hash } = newApiKey();
    const rest = { name: "ci", createdAt: NOON, expiresAt: null, perMinute: null };
    this.stored.push({ ...FULL_ACCESS, ...rest, id, hash, ...given });
    return key;
  }

  async findKey({ id }: { id: string }): Promise<StoredKey | null> {
    this.asked.push(id);
    if (this.fault !== null) throw this.fault;
    return this.stored.find((key) => key.id === id) ?? null;
  }
}

/** An audit log in memory, pages by place. */
export class MemoryAudit implements Pick<AuditStore, "appendAudit" | "listAudit"> {
  readonly entries: StoredAuditEntry[] = [];
  /** Thrown by who reads while it is set. */
  fault: Error | null = null;

  async appendAudit({ entries }: Parameters<AuditStore["appendAudit"]>[0]): Promise<void> {
    this.entries.push(...entries.map((entry) => ({ at: NOON, ...entry })));
  }

  async listAudit({ filter, limit, after }: Parameters<AuditStore["listAudit"]>[0]) {
    if (this.fault !== null) throw this.fault;
    const fitting = this.entries.toReversed().filter((entry) => fitsAudit(entry, filter));
    const start = Number(after ?? 0);
    const end = start + limit;
    return { entries: fitting.slice(start, end), next: fitting.length > end ? String(end) : null };
  }
}

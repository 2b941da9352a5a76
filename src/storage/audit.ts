/** What somebody did, or was refused to do. Nothing secret. */
export interface AuditEntry {
  /** The name of the key, or `local:` and the user of a command on this machine. */
  actor: string;
  /** `exec`, `config`, `cancel`, … */
  action: string;
  outcome: "done" | "refused";
  /** The device; null where it is about none, or about several. */
  host: string | null;
  site: string | null;
  job: string | null;
  batch: string | null;
  /** Commands with their secrets masked, a filter, a reason; null where the rest says all. */
  detail: string | null;
}

/** An entry, with the moment at which the store took it. */
export interface StoredAuditEntry extends AuditEntry {
  /** Wall-clock ms, by the store's clock. */
  at: number;
}

/** What is absent does not narrow; what is there narrows together. */
export interface AuditFilter {
  actor?: string;
  action?: string;
  outcome?: AuditEntry["outcome"];
  host?: string;
  site?: string;
  job?: string;
  batch?: string;
  /** From this moment on, wall-clock ms. */
  since?: number;
  /** Before this one. */
  until?: number;
}

/** The audit log: it is added to, and forgotten when it is old. Nothing changes an entry. */
export interface AuditStore {
  /** In the order given, all or none. */
  appendAudit(params: { entries: AuditEntry[]; now?: number }): Promise<void>;
  /**
   * A page, newest first. Goes on after `next` of the page before; null when there are no more. Costs a look at every
   * entry on the way: what is asked now and then shall not make every job dearer.
   */
  listAudit(params: { filter: AuditFilter; limit: number; after?: string }): Promise<{
    entries: StoredAuditEntry[];
    next: string | null;
  }>;
  /** Forgets entries from before a moment, the oldest first. */
  pruneAudit(params: { before: number; max: number }): Promise<{ pruned: number }>;
}

/** Whether an entry meets a filter: what both stores ask of what they have read. */
export function fitsAudit(entry: StoredAuditEntry, { since, until, ...same }: AuditFilter): boolean {
  if (since !== undefined && entry.at < since) return false;
  if (until !== undefined && entry.at >= until) return false;
  return Object.entries(same).every(([name, value]) => entry[name as keyof typeof same] === value);
}

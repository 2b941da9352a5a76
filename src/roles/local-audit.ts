import { userInfo } from "node:os";
import { auditEntry } from "../engine/audit.ts";
import type { AuditEntry, AuditStore } from "../storage/audit.ts";

/** Notes what a command on this machine has done to the store itself. */
export async function noteLocally(
  store: Pick<AuditStore, "appendAudit">,
  action: string,
  about: Partial<AuditEntry>,
): Promise<void> {
  await store.appendAudit({ entries: [auditEntry(`local:${userInfo().username}`, action, about)] });
}

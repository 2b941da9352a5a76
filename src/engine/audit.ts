import { canonicalHost } from "../core/device.ts";
import type { Task } from "../device/driver.ts";
import type { AuditEntry } from "../storage/audit.ts";
import type { NewJob } from "../storage/storage.ts";
import type { Caller, ExecRequest, TestRequest } from "./engine.ts";

/** Characters of what was asked for that are kept; the job itself has the rest as long as it is kept. */
const MAX_DETAIL = 1000;

export function auditEntry(
  actor: string,
  action: string,
  about: Partial<Omit<AuditEntry, "actor" | "action">> = {},
): AuditEntry {
  const { detail = null, ...rest } = about;
  const nothing = { outcome: "done", host: null, site: null, job: null, batch: null } as const;
  const short = detail !== null && detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail;
  return { actor, action, ...nothing, ...rest, detail: short };
}

/** A job that was asked for, `command` masked as it is shown. */
export function jobEntry({ key }: Caller, kind: Task["kind"], job: NewJob): AuditEntry {
  const { host, site, id, batchId: batch, command } = job;
  return auditEntry(key, actionOf(kind), { host, site, job: id, batch, detail: command.join("\n") || null });
}

/** What a key was not allowed. */
export function refusedEntry(
  { key }: Caller,
  request: TestRequest | ExecRequest,
  reason: string,
): AuditEntry {
  const kind = "operation" in request ? request.operation.kind : "connect";
  const { host, site } = request.connectionArgs;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  // As the device is called wherever it is compared, where it can be.
  const device = { host: canonicalHost(text(host) ?? "") ?? text(host), site: text(site) };
  return auditEntry(key, actionOf(kind), { outcome: "refused", ...device, detail: reason });
}

function actionOf(kind: Task["kind"]): string {
  return kind === "command" ? "exec" : kind;
}

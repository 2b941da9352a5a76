import { operation } from "../../openapi.ts";
import { pageOf } from "../../page-docs.ts";
import { auditQuery } from "./schema.ts";

const example = {
  at: "2024-01-01T12:00:00.000+08:00",
  key: "ci",
  action: "exec",
  outcome: "done",
  host: "192.0.2.1",
  site: null,
  job_id: "job_01jqxw2v8mk3r5t7abcdefghjk00",
  batch_id: null,
  detail: "show version",
};

export const auditDocs = operation({
  id: "getAudit",
  tag: "Audit",
  summary: "Who did what to which device, and when",
  description:
    "Newest first. What changes something is in it, and what a key was refused; what only reads is not. Entries are kept for `audit.retention`. All filters narrow together.",
  scope: ["admin"],
  query: auditQuery.schema,
  success: pageOf("AuditEntry", { description: "The entries.", example: example }),
  failures: [422, 503],
});

import { operation, ref } from "../../openapi.ts";
import { linkHeader, paginationSchema } from "../jobs/docs.ts";
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
  success: {
    status: 200,
    description: "The entries.",
    data: { type: "array", items: ref("AuditEntry") },
    beside: { pagination: paginationSchema },
    headers: linkHeader,
    example: {
      code: 200,
      message: "success",
      data: [example],
      pagination: { next_cursor: null, limit: 1000 },
    },
  },
  failures: [422, 503],
});

import { type Static, Type } from "@sinclair/typebox";
import { cursorParameter, limitParameter, oneOf, textParameter as text } from "../../parameters.ts";
import { shape } from "../../shape.ts";

const OUTCOMES = ["done", "refused"] as const;

export const auditQuery = shape(
  Type.Object(
    {
      key: text("Name of the key; `local:` and the user for a command on a machine itself.", "ci"),
      action: text("What was done: `exec`, `config`, `connect`, `cancel`, …", "exec"),
      outcome: Type.Optional(oneOf(OUTCOMES, "Whether it was done, or refused for what the key may not do.")),
      host: text("Host of the device.", "192.0.2.1"),
      site: text("Site of the device.", "branch-7"),
      job_id: text("The job.", "job_01hk1jvbg0ng3ah6t48jfew500"),
      batch_id: text("The batch.", "batch_01hk1jvbg0ng3ah6t48jfew5"),
      since: text("From this time on, ISO-8601.", "2024-01-01T12:00:00Z"),
      until: text("Before this time, ISO-8601.", "2034-01-01T12:00:00Z"),
      limit: limitParameter,
      cursor: cursorParameter,
    },
    { additionalProperties: false },
  ),
);

export type AuditQuery = Static<typeof auditQuery.schema>;

const nullable = (description: string) => Type.Union([Type.String({ description }), Type.Null()]);

/** An entry of the audit log as the API shows it. */
export const AuditEntrySchema = Type.Object(
  {
    at: Type.String({ description: "When." }),
    key: Type.String({ description: "Who: the name of the key." }),
    action: Type.String({ description: "What." }),
    outcome: oneOf(OUTCOMES, "Whether it was done, or refused."),
    host: nullable("The device; null where it is about none, or about several."),
    site: nullable("Its site."),
    job_id: nullable("The job."),
    batch_id: nullable("The batch."),
    detail: nullable("Commands with their secrets masked, what was affected, or why it was refused."),
  },
  { $id: "AuditEntry" },
);
export type AuditEntryJson = Static<typeof AuditEntrySchema>;

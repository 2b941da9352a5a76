import { Elysia } from "elysia";
import { canonicalHost } from "../../../core/device.ts";
import type { FieldError } from "../../../core/errors.ts";
import type { AuditFilter, AuditStore, StoredAuditEntry } from "../../../storage/audit.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { checkTimes, MAX_LIMIT } from "../../parameters.ts";
import { readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import type { TimeFormat } from "../../time.ts";
import { auditDocs } from "./docs.ts";
import { type AuditQuery, auditQuery } from "./schema.ts";

export interface AuditDeps {
  audit: Pick<AuditStore, "listAudit">;
  time: TimeFormat;
}

export function auditRoutes(deps: AuditDeps) {
  return new Elysia({ name: "audit" }).get("/audit", ({ request }) => list(deps, request.url), {
    detail: auditDocs,
  });
}

async function list({ audit, time }: AuditDeps, url: string): Promise<Response> {
  const check = (values: Partial<AuditQuery>): FieldError[] => checkTimes(values, time);
  const query = readQuery(url, auditQuery, check);
  const limit = query.limit ?? MAX_LIMIT;
  const filter = filterOf(query, time);
  const listing = ["audit", filter];
  const after = query.cursor === undefined ? {} : { after: decodeCursor(query.cursor, listing, "string") };
  const { entries, next } = await audit.listAudit({ filter, limit, ...after });
  const nextCursor = next === null ? null : encodeCursor(listing, next);
  return reply(
    entries.map((entry) => present(entry, time)),
    {
      beside: { pagination: { next_cursor: nextCursor, limit } },
      headers: nextCursor === null ? {} : { link: nextLink("/audit", { ...query, limit }, nextCursor) },
    },
  );
}

function filterOf(
  { key, host, job_id, batch_id, since, until, ...query }: AuditQuery,
  time: TimeFormat,
): AuditFilter {
  const { action, outcome, site } = query;
  return {
    ...(key !== undefined && { actor: key }),
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
    ...(host !== undefined && { host: canonicalHost(host) ?? host }),
    ...(site !== undefined && { site }),
    ...(job_id !== undefined && { job: job_id }),
    ...(batch_id !== undefined && { batch: batch_id }),
    ...(since !== undefined && { since: time.parse(since) ?? 0 }),
    ...(until !== undefined && { until: time.parse(until) ?? 0 }),
  };
}

function present(
  { actor, job, batch, at, action, outcome, host, site, detail }: StoredAuditEntry,
  time: TimeFormat,
) {
  return {
    at: time.format(at),
    key: actor,
    action,
    outcome,
    host,
    site,
    job_id: job,
    batch_id: batch,
    detail,
  };
}

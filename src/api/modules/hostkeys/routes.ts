import { Elysia } from "elysia";
import { canonicalHost } from "../../../core/device.ts";
import { RequestError } from "../../../core/errors.ts";
import { auditEntry } from "../../../engine/audit.ts";
import type { AuditStore } from "../../../storage/audit.ts";
import type { HostKeyFilter, HostKeyStore } from "../../../storage/host-keys.ts";
import type { Authenticator } from "../../auth.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { checkHost, MAX_LIMIT } from "../../parameters.ts";
import { readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import type { TimeFormat } from "../../time.ts";
import { forgetDocs, listDocs } from "./docs.ts";
import { forgetQuery, listQuery } from "./schema.ts";

const SSH_PORT = 22;

export interface HostKeysDeps {
  hostKeys: Pick<HostKeyStore, "listHostKeys" | "forgetHostKey">;
  audit: Pick<AuditStore, "appendAudit">;
  auth: Authenticator;
  time: TimeFormat;
}

export function hostKeyRoutes(deps: HostKeysDeps) {
  return new Elysia({ name: "hostkeys" })
    .get("/hostkeys", ({ request }) => listHostKeys(deps, request.url), { detail: listDocs })
    .delete("/hostkeys", ({ request }) => forgetHostKey(deps, request), { detail: forgetDocs });
}

async function listHostKeys({ hostKeys, time }: HostKeysDeps, url: string): Promise<Response> {
  const query = readQuery(url, listQuery, checkHost);
  const { host, port, site, cursor } = query;
  const limit = query.limit ?? MAX_LIMIT;
  const filter: HostKeyFilter = {
    ...(host !== undefined && { host: canonicalHost(host) ?? host }),
    ...(port !== undefined && { port }),
    ...(site !== undefined && { site }),
  };
  const listing = ["hostkeys", filter];
  const after = cursor === undefined ? {} : { after: decodeCursor(cursor, listing, "string") };
  const { keys, next } = await hostKeys.listHostKeys({ filter, limit, ...after });
  const nextCursor = next === null ? null : encodeCursor(listing, next);
  return reply(
    keys.map(({ firstSeen, ...key }) => ({ ...key, first_seen: time.format(firstSeen) })),
    {
      beside: { pagination: { next_cursor: nextCursor, limit } },
      headers: nextCursor === null ? {} : { link: nextLink("/hostkeys", { ...query, limit }, nextCursor) },
    },
  );
}

async function forgetHostKey({ hostKeys, audit, auth }: HostKeysDeps, request: Request): Promise<Response> {
  const { host, port = SSH_PORT, site = null } = readQuery(request.url, forgetQuery, checkHost);
  const device = { site, host: canonicalHost(host) ?? host, port };
  if ((await hostKeys.forgetHostKey(device)) === "unknown") {
    throw new RequestError("not_found", "no host key of this device is known; see GET /hostkeys");
  }
  const about = { host: device.host, site, detail: `port ${port}` };
  await audit.appendAudit({ entries: [auditEntry(auth.callerOf(request).key, "forget_host_key", about)] });
  return reply(device);
}
